import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { TextButton } from '../components/controls';
import { Facts } from '../components/facts';
import { useNow } from '../components/hooks';
import { IMenuEntry, openMenu } from '../components/menu';
import { ErrorMessage } from '../components/message';
import { NodeList, NodeSquares } from '../components/nodes';
import { IRow, IRowAction, Rows } from '../components/rows';
import { INSTANCE, may } from '../lifecycle';
import { computeState, staleState } from '../status';
import {
  CommandIDs,
  IAmlManager,
  IDraft,
  ISectionProps,
  ISidebarSection
} from '../tokens';
import type { Compute } from '../wire';
import * as words from '../words';

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
  const now = useNow(manager.link.kind !== 'online' || manager.drafts.size > 0);
  const isOnline = manager.link.kind === 'online';
  const run = (command: string, name: string) =>
    void commands.execute(command, { name });
  const menu = (name: string, anchor: Element, event?: React.MouseEvent) => {
    const compute = manager.computes.find(one => one.spec.name === name);
    if (compute) {
      openMenu(commands, menuOf(compute, trans), anchor, event);
    }
  };
  const rows = [
    ...manager.computes.map(compute => ({
      ...computeRow(compute, manager, trans, now),
      action: {
        ...actionOf(compute, trans, run, menu),
        disabled: !isOnline
      }
    })),
    ...Array.from(manager.drafts.values(), draft =>
      draftRow(draft, manager, trans, now)
    )
  ];
  const hasOwn = rows.some(row => row.id !== 'local');
  return (
    <>
      <Rows
        label={trans.__('Compute')}
        rows={rows}
        onMenu={menu}
        onDelete={name => run(CommandIDs.deleteCompute, name)}
      />
      {manager.isReady && !hasOwn && (
        <div className="aml-empty aml-tight">
          <p className="s">
            {trans.__('A cluster adds nodes when jobs wait.')}
          </p>
          <TextButton
            glyph="plus"
            label={trans.__('New compute…')}
            disabled={!isOnline}
            onClick={() => void commands.execute(CommandIDs.createCompute)}
          />
        </div>
      )}
    </>
  );
}

function menuOf(
  compute: Compute,
  trans: TranslationBundle
): (IMenuEntry | null)[] {
  const { name, type } = compute.spec;
  const args = { name };
  const use: IMenuEntry = {
    command: CommandIDs.copyText,
    args: { text: `%%aml -c ${name}`, label: trans.__('Copy as Magic') }
  };
  if (type === 'local') {
    return [use];
  }
  const own =
    type === 'computeinstance'
      ? [
          { command: CommandIDs.startCompute, args },
          { command: CommandIDs.stopCompute, args },
          { command: CommandIDs.restartCompute, args }
        ]
      : [];
  return [
    ...own,
    { command: CommandIDs.deleteCompute, args },
    null,
    use,
    {
      command: CommandIDs.copyText,
      args: {
        text: `jupyter aml compute show ${name}`,
        label: trans.__('Copy as CLI')
      }
    }
  ];
}

/** The one action that is always visible. */
function actionOf(
  compute: Compute,
  trans: TranslationBundle,
  run: (command: string, name: string) => void,
  menu: (name: string, anchor: Element) => void
): IRowAction {
  const { name, type } = compute.spec;
  if (type === 'computeinstance' && may(INSTANCE, compute.state, 'Stopping')) {
    return {
      glyph: 'stop',
      label: trans.__('Stop %1…', name),
      run: () => run(CommandIDs.stopCompute, name)
    };
  }
  if (type === 'computeinstance' && may(INSTANCE, compute.state, 'Starting')) {
    return {
      glyph: 'play',
      label: trans.__('Start %1', name),
      run: () => run(CommandIDs.startCompute, name)
    };
  }
  return {
    glyph: 'more',
    label: trans.__('Actions for %1', name),
    run: anchor => menu(name, anchor)
  };
}

export function computeRow(
  compute: Compute,
  manager: IAmlManager,
  trans: TranslationBundle,
  now: number
): IRow {
  const { spec } = compute;
  const key = `compute/${spec.name}`;
  const problem = manager.problemOf(key);
  const state = computeState(compute, trans);
  const isFailed = state.shape === 'failed';
  const row: IRow = {
    id: spec.name,
    name: spec.name,
    state,
    tag: spec.type === 'local' ? undefined : words.sizeTag(spec.size),
    value: isFailed ? undefined : computeNumber(compute, trans),
    detail: problem?.message ?? computeDetail(compute, manager, trans),
    isFailed,
    details: () => (
      <>
        {problem && (
          <ErrorMessage
            error={problem}
            trans={trans}
            onDismiss={() => manager.dismissProblem(key)}
          />
        )}
        <ComputeFacts compute={compute} trans={trans} />
        <NodeList nodes={manager.nodesOf(spec.name)} trans={trans} />
      </>
    )
  };
  const asked = manager.askedOf(key);
  if (manager.link.kind !== 'online' && manager.heardAt) {
    row.state = staleState(trans);
    row.detail = trans.__(
      'was %1 %2',
      state.word,
      words.ago((now - manager.heardAt) / 1000, trans)
    );
  } else if (asked) {
    const word = {
      start: trans.__('Starting'),
      stop: trans.__('Stopping'),
      delete: trans.__('Deleting'),
      cancel: trans.__('Stopping'),
      archive: ''
    }[asked];
    row.state = { shape: 'preparing', word };
  }
  return row;
}

/** What it costs now; where nothing costs, its size or nothing. */
function computeNumber(compute: Compute, trans: TranslationBundle): string {
  if (compute.spec.type === 'local') {
    return '';
  }
  if (compute.pricePerHour === null) {
    return trans.__('free');
  }
  return compute.pricePerHour ? words.rate(compute.pricePerHour, trans) : '$0';
}

function computeDetail(
  compute: Compute,
  manager: IAmlManager,
  trans: TranslationBundle
): React.ReactNode {
  const { spec } = compute;
  if (compute.error) {
    return compute.error;
  }
  if (compute.reason) {
    return compute.reason;
  }
  if (spec.type === 'local') {
    return compute.runningJobs
      ? trans._n('%1 job', '%1 jobs', compute.runningJobs)
      : trans.__('this machine, always there');
  }
  if (spec.type === 'computeinstance') {
    return compute.runningJobs
      ? trans._n('%1 job', '%1 jobs', compute.runningJobs)
      : '';
  }
  const count = trans.__(
    '%1 of %2 nodes',
    compute.currentNodes,
    spec.maxInstances
  );
  if (!compute.currentNodes && !compute.targetNodes) {
    return count;
  }
  return (
    <>
      <NodeSquares
        nodes={manager.nodesOf(spec.name)}
        total={spec.maxInstances}
        trans={trans}
      />{' '}
      {compute.state === 'Steady' && count}
    </>
  );
}

function ComputeFacts(props: {
  compute: Compute;
  trans: TranslationBundle;
}): JSX.Element {
  const { compute, trans } = props;
  const { spec } = compute;
  const facts: [string, React.ReactNode][] = [];
  if (spec.type !== 'local') {
    facts.push([trans.__('Size'), words.sizeName(spec.size)]);
  }
  if (spec.type === 'amlcompute') {
    const idle = words.duration(spec.idleTimeBeforeScaleDown, trans);
    facts.push(
      [
        trans.__('Nodes'),
        trans.__('%1 to %2', spec.minInstances, spec.maxInstances)
      ],
      [trans.__('Leaves when idle'), trans.__('after %1', idle)],
      [
        trans.__('Priority'),
        spec.tier === 'dedicated'
          ? trans.__('Dedicated')
          : trans.__('Low priority')
      ]
    );
  }
  facts.push(
    [trans.__('Running jobs'), compute.runningJobs || ''],
    [trans.__('Waiting jobs'), compute.queuedJobs || ''],
    [
      trans.__('Price'),
      compute.rehearsal ? trans.__('would be, at Azure’s list price') : ''
    ]
  );
  return <Facts facts={facts} />;
}

/** A create that is under way or was refused: the same row, with its cause. */
function draftRow(
  draft: IDraft,
  manager: IAmlManager,
  trans: TranslationBundle,
  now: number
): IRow {
  const { spec, error } = draft;
  if (!error) {
    return {
      id: spec.name,
      name: spec.name,
      state: { shape: 'preparing', word: trans.__('Starting') },
      value: words.elapsed((now - draft.since) / 1000),
      detail: trans.__('asking for it')
    };
  }
  return {
    id: spec.name,
    name: spec.name,
    state: { shape: 'failed', word: trans.__('Failed') },
    detail: error.message,
    isFailed: true,
    action: {
      label: trans.__('Dismiss'),
      run: () => manager.dismissDraft(spec.name)
    },
    details: () => <ErrorMessage error={error} trans={trans} />
  };
}
