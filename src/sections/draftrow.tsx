/** A create that is under way or was refused: the same row, with its cause and what helps. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { TextButton } from '../components/controls';
import { ErrorMessage } from '../components/message';
import type { IRow } from '../components/rows';
import { CommandIDs, IAmlManager, IDraft } from '../tokens';
import type { Usage } from '../wire';
import * as words from '../words';

interface IContext {
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

export function draftRow(draft: IDraft, context: IContext, now: number): IRow {
  const { trans } = context;
  const { spec, error } = draft;
  if (!error) {
    return {
      id: spec.name,
      name: spec.name,
      state: { shape: 'preparing', word: trans.__('Starting') },
      value: words.elapsed((now - draft.since) / 1000),
      detail:
        spec.type === 'amlcompute'
          ? trans.__('asking for a cluster')
          : trans.__('asking for a machine')
    };
  }
  return {
    id: spec.name,
    name: spec.name,
    state: { shape: 'failed', word: trans.__('Failed') },
    detail: error.message,
    isFailed: true,
    action: { label: trans.__('Fix…') },
    details: () => <Refused draft={draft} {...context} />
  };
}

/** Cause, who holds what is missing, and the ways out. */
function Refused(props: IContext & { draft: IDraft }): JSX.Element {
  const { draft, manager, commands, trans } = props;
  const { spec, error } = draft;
  return (
    <>
      <ErrorMessage error={error!} trans={trans}>
        <TextButton
          size="md"
          kind="accept"
          label={trans.__('Choose another size…')}
          onClick={() =>
            void commands.execute(CommandIDs.createCompute, {
              again: spec.name
            })
          }
        />
        <TextButton
          size="md"
          label={trans.__('Dismiss')}
          onClick={() => manager.dismissDraft(spec.name)}
        />
      </ErrorMessage>
      {error?.code === 'QuotaExceeded' && (
        <Holders cause={error.message} {...{ manager, trans }} />
      )}
      <p className="s">
        {trans.__('Nothing was started, nothing is charged.')}
      </p>
    </>
  );
}

/** Who holds the cores of the quota that the cause names. */
function Holders(props: {
  cause: string;
  manager: IAmlManager;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { cause, manager, trans } = props;
  const [usage, setUsage] = React.useState<Usage | null>(null);
  React.useEffect(() => {
    let isWanted = true;
    void manager.call('compute.usage', {}).then(
      ({ value }) => {
        const named = (value as Usage[]).find(one => cause.includes(one.name));
        if (isWanted) {
          setUsage(named ?? null);
        }
      },
      () => undefined // the cause alone has to do
    );
    return () => {
      isWanted = false;
    };
  }, [cause]);
  if (!usage?.holders.length) {
    return null;
  }
  return (
    <table>
      <thead>
        <tr>
          <th>{trans.__('Who holds them')}</th>
          <th className="r">
            {trans.__('%1 of %2', usage.currentValue, usage.limit)}
          </th>
        </tr>
      </thead>
      <tbody>
        {usage.holders.map(holder => {
          const [name, cores] = holder.split(': ');
          return (
            <tr key={holder}>
              <td className="ell">{name}</td>
              <td className="r">{cores}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
