/** Models & endpoints: what was registered, and what answers requests. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { TextButton } from '../components/controls';
import { useNow } from '../components/hooks';
import { openMenu } from '../components/menu';
import { Rows } from '../components/rowlist';
import type { IRow } from '../components/rows';
import { mayAct, whyNot } from '../mayact';
import { CommandIDs, ISectionProps, ISidebarSection } from '../tokens';
import { batchTwins, endpointTwins, modelTwins } from '../endpointtwins';
import { twinEntries } from '../twins';
import { batchRow, lastRun } from './batchrow';
import { endpointRow } from './endpointrow';
import { modelRow } from './modelrow';

export function modelsSection(trans: TranslationBundle): ISidebarSection {
  return {
    id: 'models',
    title: trans.__('Models & endpoints'),
    rank: 400,
    count: ({ models, endpoints, batchEndpoints }) =>
      `${models.length + endpoints.length + batchEndpoints.length}`,
    tools: [CommandIDs.deployModel],
    Body: ModelsAndEndpoints
  };
}

export function ModelsAndEndpoints(props: ISectionProps): JSX.Element {
  const { manager, commands, trans } = props;
  const { endpoints, batchEndpoints, models } = manager;
  const now = useNow(endpoints.some(one => one.state !== 'Succeeded'));
  if (!endpoints.length && !batchEndpoints.length && !models.length) {
    return <Nothing {...props} />;
  }
  const menu = (id: string, anchor: Element, event?: React.MouseEvent) =>
    openMenu(commands, menuOf(id, props), anchor, event);
  const withMenu = (row: IRow): IRow => ({
    action: {
      glyph: 'more',
      label: trans.__('Actions for %1', row.name),
      run: anchor => menu(row.id, anchor)
    },
    ...row
  });
  return (
    <Rows
      label={trans.__('Models & endpoints')}
      rows={[
        ...endpoints.map(one => withMenu(endpointRow(one, props))),
        ...batchEndpoints.map(one => withMenu(batchRow(one, props, now))),
        ...models.map(one => withMenu(modelRow(one, props, now)))
      ]}
      onMenu={menu}
      onOpen={id => {
        const [kind, name] = parts(id);
        if (kind === 'batch') {
          openLastRun(name, props);
          return;
        }
        const command =
          kind === 'endpoint' ? CommandIDs.openEndpoint : CommandIDs.openModel;
        void commands.execute(command, { name });
      }}
      onDelete={id => {
        const [kind, name] = parts(id);
        if (kind !== 'model') {
          const command =
            kind === 'endpoint'
              ? CommandIDs.deleteEndpoint
              : CommandIDs.deleteBatchEndpoint;
          void commands.execute(command, { name });
        }
      }}
    />
  );
}

/** The kind and the name of a row. */
function parts(id: string): [string, string] {
  const at = id.indexOf('/');
  return [id.slice(0, at), id.slice(at + 1)];
}

/** A batch endpoint has no view of its own: what it does are its jobs. */
function openLastRun(name: string, { manager, commands }: ISectionProps): void {
  const found = manager.batchEndpoints.find(one => one.name === name);
  const last = found && lastRun(found, manager.jobs);
  if (last) {
    void commands.execute(CommandIDs.openJob, { name: last.name });
  }
}

function menuOf(id: string, { manager, trans }: ISectionProps) {
  const [kind, name] = parts(id);
  if (kind === 'batch') {
    const found = manager.batchEndpoints.find(one => one.name === name);
    const last = found && lastRun(found, manager.jobs);
    return [
      ...(last
        ? [{ command: CommandIDs.openJob, args: { name: last.name } }]
        : []),
      { command: CommandIDs.deleteBatchEndpoint, args: { name } },
      null,
      ...twinEntries(batchTwins(name), trans)
    ];
  }
  if (kind === 'endpoint') {
    return [
      { command: CommandIDs.openEndpoint, args: { name } },
      { command: CommandIDs.deployModel, args: { endpoint: name } },
      { command: CommandIDs.showKeys, args: { name } },
      { command: CommandIDs.deleteEndpoint, args: { name } },
      null,
      ...twinEntries(endpointTwins(name), trans)
    ];
  }
  return [
    { command: CommandIDs.openModel, args: { name } },
    { command: CommandIDs.deployModel, args: { model: name } },
    null,
    {
      command: CommandIDs.copyText,
      args: { text: `azureml:${name}`, label: trans.__('Copy Name') }
    },
    ...twinEntries(modelTwins(name), trans)
  ];
}

/** What this is for, and the line that makes the first one. */
function Nothing({ manager, commands, trans }: ISectionProps): JSX.Element {
  const reason = whyNot(manager, trans);
  const magic = '%aml model create --name NAME --from VARIABLE';
  const args = { text: magic, label: trans.__('Copy') };
  return (
    <div className="aml-empty">
      <p className="s">
        {trans.__(
          'Register a variable as a model, then deploy it to a URL that stays up: %1',
          magic
        )}
      </p>
      <TextButton
        glyph="copy"
        label={trans.__('Copy the line')}
        disabled={!mayAct(manager)}
        title={reason || undefined}
        onClick={() => void commands.execute(CommandIDs.copyText, args)}
      />
    </div>
  );
}
