/** The dialogs of compute: create one, with all that its list of sizes says, or change one. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { EditComputeForm } from './components/editcompute';
import { ErrorMessage } from './components/message';
import { showModal } from './components/modal';
import { ISizeFacts, NewComputeForm } from './components/newcompute';
import { formOf, IComputeForm, newForm } from './computeform';
import { ApiError } from './request';
import { showQuota } from './quotadialog';
import { filterOf, IPeak, orderSizes, presetSize, recommend } from './sizes';
import type { IAmlManager } from './tokens';
import type {
  Compute,
  Job,
  NewCompute,
  UpdateCompute,
  Usage,
  UsualStart,
  VmSize
} from './wire';

export interface ICreateOptions {
  manager: IAmlManager;
  trans: TranslationBundle;
  type: IComputeForm['type'];
  /** What was asked for before and refused: the form begins with it. */
  again?: NewCompute;
  /** What the list of sizes is searched for at first: "gpu", "memory=32". */
  search?: string;
  /** Whether a job ran from the notebook that is open. */
  isOfThisNotebook(notebook: string): boolean;
}

/** Ask for a new compute. Null if the person changed their mind. */
export async function createCompute(
  options: ICreateOptions
): Promise<NewCompute | null> {
  const { manager, trans, again } = options;
  const title =
    options.type === 'amlcompute'
      ? trans.__('New cluster')
      : trans.__('New instance');
  const facts = await readFacts(options);
  if (facts instanceof ApiError) {
    return showError(title, facts, trans);
  }
  const taken = new Set([
    ...manager.computes.map(compute => compute.spec.name),
    ...manager.drafts.keys()
  ]);
  if (again) {
    taken.delete(again.name);
  }
  const preset =
    facts.recommended?.size ?? presetSize(orderSizes(facts.sizes))?.name ?? '';
  const begin =
    (again && formOf(again)) ?? newForm(options.type, preset, taken);
  const { workspace } = manager;
  return showModal<NewCompute>(
    title,
    ({ close }) => (
      <NewComputeForm
        facts={facts}
        begin={begin}
        filter={filterOf(options.search ?? '')}
        taken={taken}
        workspace={[workspace?.name, workspace?.location]
          .filter(Boolean)
          .join(', ')}
        trans={trans}
        onAskQuota={(quota, size) =>
          void showQuota({ manager, trans, quota, size, usage: facts.usage })
        }
        close={close}
      />
    ),
    'aml-wide'
  );
}

/** Ask what to change of a compute. Null if nothing. */
export async function editCompute(
  compute: Compute,
  options: ICreateOptions
): Promise<UpdateCompute | null> {
  const { trans } = options;
  const before = formOf(compute.spec);
  const title = trans.__('Edit %1', compute.spec.name);
  const facts = await readFacts(options);
  if (facts instanceof ApiError || before === null) {
    return facts instanceof ApiError ? showError(title, facts, trans) : null;
  }
  return showModal<UpdateCompute>(
    title,
    ({ close }) => (
      <EditComputeForm
        before={before}
        facts={facts}
        trans={trans}
        close={close}
      />
    ),
    'aml-edit'
  );
}

function showError<T>(
  title: string,
  error: ApiError,
  trans: TranslationBundle
): Promise<T | null> {
  return showModal<T>(title, ({ close }) => (
    <div className="aml-form">
      <h2>{title}</h2>
      <ErrorMessage error={error} trans={trans} onDismiss={() => close(null)} />
    </div>
  ));
}

async function readFacts(
  options: ICreateOptions
): Promise<ISizeFacts | ApiError> {
  const { manager } = options;
  try {
    const [list, low, usage, starts, peaks] = await Promise.all([
      manager.call('compute.sizes', { tier: 'dedicated' }),
      manager.call('compute.sizes', { tier: 'low_priority' }),
      // What is not known is left out: the list of sizes does without it.
      manager.call('compute.usage', {}).catch(() => ({ value: [] })),
      manager.call('compute.waits', {}).catch(() => ({ value: [] })),
      readPeaks(options)
    ]);
    const sizes = list.value as VmSize[];
    return {
      sizes,
      lowPrioritySizes: low.value as VmSize[],
      note: list.note ?? '',
      usage: usage.value as Usage[],
      starts: starts.value as UsualStart[],
      recommended: recommend(sizes, peaks),
      costs: manager.costs,
      budgetAction: manager.preferences?.budgetAction ?? 'warn'
    };
  } catch (reason) {
    return ApiError.from(reason);
  }
}

/** A recommendation looks at this many of the notebook's newest finished runs. */
const RUNS = 5;

async function readPeaks(options: ICreateOptions): Promise<IPeak[]> {
  const { manager } = options;
  const runs = manager.jobs
    .filter(
      job =>
        job.status === 'Completed' &&
        job.notebook !== '' &&
        options.isOfThisNotebook(job.notebook)
    )
    .slice(0, RUNS);
  const jobs = await Promise.all(
    runs.map(({ name }) => manager.call('jobs.get', { name }).catch(() => null))
  );
  return jobs.flatMap(job => {
    const receipt = (job as Job | null)?.receipt;
    const seconds = receipt?.seconds ?? 0;
    return receipt && seconds > 0
      ? [
          {
            memoryBytes: receipt.peakMemoryBytes ?? 0,
            cores: (receipt.cpuSeconds ?? 0) / seconds
          }
        ]
      : [];
  });
}
