/** "Ask for quota…": who holds the cores, and where more of them come from. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { CommandLine } from './components/controls';
import { CloseFoot } from './components/foot';
import { showModal } from './components/modal';
import type { IQuota } from './sizes';
import type { IAmlManager } from './tokens';
import type { Usage, VmSize } from './wire';
import { sizeName } from './words';

export interface IQuotaOptions {
  manager: IAmlManager;
  trans: TranslationBundle;
  /** What is left of the row that the size needs more of. */
  quota: IQuota;
  size: VmSize;
  usage: readonly Usage[];
}

const SETTINGS: Record<string, string> = {
  'Total Cluster Dedicated Regional vCPUs': 'quota_dedicated_cores',
  'Total Cluster LowPriority Regional vCPUs': 'quota_low_priority_cores'
};
/** Every other row is one family's. */
const FAMILY = 'quota_family_cores';
const CONFIG = 'service_config.py';

export async function showQuota(options: IQuotaOptions): Promise<void> {
  const { manager, trans, quota, size } = options;
  const title = trans.__('More cores for %1', sizeName(size.name));
  const file = await manager
    .call('service.status', {})
    .then(status => `${status.home}/${CONFIG}`)
    .catch(() => CONFIG);
  const holders =
    options.usage.find(row => row.name === quota.name)?.holders ?? [];
  await showModal<never>(
    title,
    ({ close }) => (
      <div className="aml-form">
        <h2>{title}</h2>
        <p>
          {trans.__(
            'It needs %1 cores; %2 of %3 are left (%4).',
            size.vcpus,
            quota.left,
            quota.limit,
            quota.name
          )}
        </p>
        {holders.length > 0 && <Holders holders={holders} trans={trans} />}
        {manager.workspace?.kind === 'local' ? (
          <OfRehearsal {...options} file={file} />
        ) : (
          <OfAzure {...options} />
        )}
        <CloseFoot
          said={trans.__('Nothing was started.')}
          trans={trans}
          onClose={() => close(null)}
        />
      </div>
    ),
    'aml-edit'
  );
}

function Holders(props: {
  holders: readonly string[];
  trans: TranslationBundle;
}): JSX.Element {
  const { holders, trans } = props;
  return (
    <div>
      <div className="s">{trans.__('Who holds the others')}</div>
      <ul className="aml-plain">
        {holders.map(words => (
          <li key={words}>{words}</li>
        ))}
      </ul>
    </div>
  );
}

/** On this machine the quota is played: a setting says how large it is. */
function OfRehearsal(props: IQuotaOptions & { file: string }): JSX.Element {
  const { trans, quota, size, file } = props;
  const setting = SETTINGS[quota.name] ?? FAMILY;
  const wanted = quota.limit - quota.left + size.vcpus;
  return (
    <>
      <p>
        {trans.__(
          'This workspace plays a subscription: its quota is a setting, and nobody is asked. To rehearse with more, put this line into %1:',
          file
        )}
      </p>
      <CommandLine
        text={`c.LocalSettings.${setting} = ${wanted}`}
        trans={trans}
      />
      <p>{trans.__('It counts from the next start of the service:')}</p>
      <CommandLine
        text="jupyter aml service stop && jupyter aml service start"
        trans={trans}
      />
    </>
  );
}

function OfAzure(props: IQuotaOptions): JSX.Element {
  const { manager, trans, quota, size } = props;
  const wanted = quota.limit - quota.left + size.vcpus;
  const text = trans.__(
    '%1, %2: raise “%3” from %4 to %5 cores.',
    manager.workspace?.name ?? '',
    manager.workspace?.location ?? '',
    quota.name,
    quota.limit,
    wanted
  );
  return (
    <>
      <p>
        {trans.__(
          'Azure is asked on the page “Quota” of Azure Machine Learning studio, by who may contribute to the subscription. The request to copy:'
        )}
      </p>
      <CommandLine text={text} trans={trans} />
      <a href="https://ml.azure.com/quota" target="_blank" rel="noreferrer">
        {trans.__('Open the page')}
      </a>
    </>
  );
}
