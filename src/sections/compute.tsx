import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { TextButton } from '../components/controls';
import { useNow } from '../components/hooks';
import { IMenuEntry, openMenu } from '../components/menu';
import { Rows } from '../components/rowlist';
import type { IRow, IRowAction } from '../components/rows';
import { INSTANCE, may } from '../lifecycle';
import { whyNot } from '../mayact';
import {
  CommandIDs,
  IAmlManager,
  ISectionProps,
  ISidebarSection
} from '../tokens';
import { twinEntries, useTwins, verbTwins } from '../twins';
import type { Compute } from '../wire';
import { rate } from '../words';
import { computeRow } from './computerow';
import { draftRow } from './draftrow';

export function computeSection(trans: TranslationBundle): ISidebarSection {
  return {
    id: 'compute',
    title: trans.__('Compute'),
    rank: 200,
    count: manager => `${manager.computes.length + manager.drafts.size}`,
    tools: [CommandIDs.createCompute],
    Body: Computes
  };
}

export function Computes(props: ISectionProps): JSX.Element {
  const { manager, commands, trans } = props;
  const isTicking = manager.computes.some(
    ({ spec, state }) => spec.type === 'computeinstance' && state === 'Running'
  );
  const isStale = manager.link.kind !== 'online';
  const now = useNow(isStale || isTicking || manager.drafts.size > 0);
  const run = (command: string, name: string) =>
    void commands.execute(command, { name });
  const menu = (name: string, anchor: Element, event?: React.MouseEvent) => {
    const compute = manager.computes.find(one => one.spec.name === name);
    if (compute) {
      openMenu(commands, menuOf(compute, trans), anchor, event);
    }
  };
  const rows: IRow[] = [
    ...manager.computes.map(compute => {
      const row = computeRow(compute, manager, trans, now);
      const act = actionOf(compute, row, props, menu);
      return { ...row, action: act };
    }),
    ...Array.from(manager.drafts.values(), draft => draftRow(draft, props, now))
  ];
  const hasOwn = rows.some(row => row.id !== 'local');
  return (
    <>
      <Rows
        label={trans.__('Compute')}
        rows={rows}
        onMenu={menu}
        onDelete={name => run(leaveCommand(manager, name), name)}
      />
      {manager.isReady && !hasOwn && (
        <div className="aml-empty aml-tight">
          <p className="s">
            {trans.__('A cluster adds nodes when jobs wait.')}
          </p>
          <TextButton
            glyph="plus"
            label={trans.__('New cluster…')}
            disabled={Boolean(whyNot(manager, trans))}
            title={whyNot(manager, trans)}
            onClick={() => void commands.execute(CommandIDs.createCompute)}
          />
        </div>
      )}
    </>
  );
}

/** How one is rid of it: what was attached is not deleted. */
function leaveCommand(manager: IAmlManager, name: string): string {
  const compute = manager.computes.find(one => one.spec.name === name);
  return compute?.spec.type === 'attached'
    ? CommandIDs.detachCompute
    : CommandIDs.deleteCompute;
}

function menuOf(
  compute: Compute,
  trans: TranslationBundle
): (IMenuEntry | null)[] {
  const { name, type } = compute.spec;
  const args = { name };
  const use = twinEntries(useTwins(name), trans);
  const setDefault = { command: CommandIDs.setDefaultCompute, args };
  if (type === 'local') {
    return [setDefault, null, ...use];
  }
  if (type === 'attached') {
    const leave = { command: CommandIDs.detachCompute, args };
    return [setDefault, leave, null, ...use];
  }
  const own =
    type === 'computeinstance'
      ? [
          CommandIDs.startCompute,
          CommandIDs.stopCompute,
          CommandIDs.restartCompute
        ]
      : [CommandIDs.stopCompute, CommandIDs.evictNodes];
  return [
    ...own.map(command => ({ command, args })),
    { command: CommandIDs.editCompute, args },
    setDefault,
    { command: CommandIDs.deleteCompute, args },
    null,
    ...use,
    {
      command: CommandIDs.copyText,
      args: {
        text: verbTwins('compute', 'delete', name).cli,
        label: trans.__('Copy Its Deletion as CLI')
      }
    }
  ];
}

/** The one action that is always visible. */
function actionOf(
  compute: Compute,
  row: IRow,
  { manager, commands, trans }: ISectionProps,
  menu: (name: string, anchor: Element) => void
): IRowAction {
  const { name, type } = compute.spec;
  const run = (command: string) => () =>
    void commands.execute(command, { name });
  const shared = { whyNot: whyNot(manager, trans) || undefined };
  const isInstance = type === 'computeinstance';
  if (row.isFailed) {
    return { label: trans.__('Fix…') };
  }
  if (isInstance && may(INSTANCE, compute.state, 'Stopping')) {
    return {
      ...shared,
      glyph: 'stop',
      label: trans.__('Stop %1…', name),
      run: run(CommandIDs.stopCompute)
    };
  }
  if (isInstance && may(INSTANCE, compute.state, 'Starting')) {
    return {
      ...shared,
      glyph: 'play',
      label: startLabel(compute, manager, trans),
      run: run(CommandIDs.startCompute)
    };
  }
  return {
    glyph: 'more',
    label: trans.__('Actions for %1', name),
    run: anchor => menu(name, anchor)
  };
}

/** Every start says its price first. */
function startLabel(
  compute: Compute,
  manager: IAmlManager,
  trans: TranslationBundle
): string {
  const { spec } = compute;
  const price = manager.pricesPerHour.get(spec.size);
  return price
    ? trans.__('Start %1, %2', spec.name, rate(price, trans))
    : trans.__('Start %1', spec.name);
}
