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
import { endpointTwins, modelTwins, twinEntries } from '../twins';
import { endpointRow } from './endpointrow';
import { modelRow } from './modelrow';

export function modelsSection(trans: TranslationBundle): ISidebarSection {
  return {
    id: 'models',
    title: trans.__('Models & endpoints'),
    rank: 400,
    count: manager => `${manager.models.length + manager.endpoints.length}`,
    tools: [CommandIDs.deployModel],
    Body: ModelsAndEndpoints
  };
}

export function ModelsAndEndpoints(props: ISectionProps): JSX.Element {
  const { manager, commands, trans } = props;
  const { endpoints, models } = manager;
  const now = useNow(endpoints.some(one => one.state !== 'Succeeded'));
  if (!endpoints.length && !models.length) {
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
        ...models.map(one => withMenu(modelRow(one, props, now)))
      ]}
      onMenu={menu}
      onOpen={id => {
        const [kind, name] = parts(id);
        if (kind === 'endpoint') {
          void commands.execute(CommandIDs.openEndpoint, { name });
        }
      }}
      onDelete={id => {
        const [kind, name] = parts(id);
        if (kind === 'endpoint') {
          void commands.execute(CommandIDs.deleteEndpoint, { name });
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

function menuOf(id: string, { trans }: ISectionProps) {
  const [kind, name] = parts(id);
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
