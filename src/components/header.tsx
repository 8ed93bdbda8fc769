/** Which workspace this is, whose, and how old what is shown may be. */
import type { CommandRegistry } from '@lumino/commands';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { whyNot } from '../mayact';
import { CommandIDs, IAmlManager } from '../tokens';
import type { Workspace } from '../wire';
import { ago } from '../words';
import { GlyphIcon, IconButton } from './controls';
import { useNow } from './hooks';
import { IMenuEntry, openMenu } from './menu';

interface IHeaderProps {
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

export function WorkspaceHeader(props: IHeaderProps): JSX.Element {
  const { manager, commands, trans } = props;
  const { workspace } = manager;
  const reason = whyNot(manager, trans);
  const all = manager.workspaces.length
    ? manager.workspaces
    : workspace
      ? [workspace]
      : [];
  return (
    <header className="aml-ws">
      <div className="fx4">
        <select
          aria-label={trans.__('Workspace')}
          value={workspace?.name ?? ''}
          disabled={all.length > 1 && Boolean(reason)}
          onChange={event => void manager.useWorkspace(event.target.value)}
        >
          {!all.length && (
            <option value="">{trans.__('Local: this machine')}</option>
          )}
          {all.map(one => (
            <option key={one.name} value={one.name}>
              {titleOf(one, trans)}
            </option>
          ))}
        </select>
        <IconButton
          glyph="plus"
          label={reason ? trans.__('%1: Create', reason) : trans.__('Create')}
          disabled={Boolean(reason)}
          onClick={event => openMenu(commands, CREATE, event.currentTarget)}
        />
        <IconButton
          glyph="more"
          label={trans.__('More: budget, service, keyboard help')}
          onClick={event => openMenu(commands, MORE, event.currentTarget)}
        />
      </div>
      <WhoAndWhen manager={manager} trans={trans} />
    </header>
  );
}

const CREATE: readonly (IMenuEntry | null)[] = [
  { command: CommandIDs.createCompute, args: { type: 'amlcompute' } },
  { command: CommandIDs.createCompute, args: { type: 'computeinstance' } },
  null,
  { command: CommandIDs.createJob, args: {} },
  { command: CommandIDs.runCellOn, args: {} },
  { command: CommandIDs.openSample, args: {} }
];

const MORE: readonly (IMenuEntry | null)[] = [
  { command: CommandIDs.setBudget, args: {} },
  { command: CommandIDs.setDefaultCompute, args: {} },
  { command: CommandIDs.desktopNotices, args: {} },
  null,
  { command: CommandIDs.reconnect, args: {} },
  { command: CommandIDs.stopService, args: {} },
  { command: CommandIDs.showServiceLog, args: {} },
  null,
  { command: CommandIDs.keyboardHelp, args: {} }
];

function titleOf(workspace: Workspace, trans: TranslationBundle): string {
  return workspace.kind === 'local'
    ? trans.__('Local: this machine')
    : trans.__('%1, Azure ML', workspace.name);
}

/** Region and user (or the machine); then the age of what is shown. */
function WhoAndWhen(props: {
  manager: IAmlManager;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { manager, trans } = props;
  const { workspace, link, heardAt } = manager;
  const now = useNow(heardAt > 0);
  if (!heardAt) {
    return null;
  }
  const age = ago((now - heardAt) / 1000, trans);
  if (link.kind !== 'online') {
    return <div className="s">{trans.__('last seen %1', age)}</div>;
  }
  const who =
    workspace?.description ||
    [workspace?.location, workspace?.user].filter(Boolean).join(', ');
  return (
    <div className="s">
      {!manager.mayWrite && <GlyphIcon glyph="lock" size={12} />}
      <span className="ell" title={who}>
        {manager.mayWrite ? who : trans.__('%1, read only', who)}
      </span>
      <span className="grow" />
      <span className="num aml-opt" title={trans.__('Updated %1', age)}>
        {age}
      </span>
    </div>
  );
}
