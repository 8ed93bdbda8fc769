import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { useNow } from '../components/hooks';
import { IRow, IRowAction, Rows } from '../components/rows';
import { isFinal, jobState, mayCancel } from '../status';
import { activeJobs } from '../store';
import {
  CommandIDs,
  IAmlManager,
  ISectionProps,
  ISidebarSection
} from '../tokens';
import type { Compute } from '../wire';
import * as words from '../words';

/** Computes with machines up. This machine is always up and costs nothing: its jobs count. */
export function computesUp(manager: IAmlManager): Compute[] {
  return manager.computes.filter(
    ({ spec, state, currentNodes }) =>
      spec.type !== 'local' &&
      (spec.type === 'computeinstance'
        ? ['Creating', 'Starting', 'Running', 'Restarting'].includes(state)
        : currentNodes > 0)
  );
}

/** How many things run now, and what they list at per hour. */
export function runningNow(manager: IAmlManager): {
  count: number;
  perHour: number;
} {
  const up = computesUp(manager);
  return {
    count:
      up.length +
      activeJobs(manager.jobs, 'local').length +
      manager.sessions.length,
    perHour: up.reduce((sum, one) => sum + (one.pricePerHour ?? 0), 0)
  };
}

export function runningSection(trans: TranslationBundle): ISidebarSection {
  return {
    id: 'running',
    title: trans.__('Running now'),
    rank: 100,
    count: manager => `${runningNow(manager).count}`,
    Body: Running
  };
}

export function Running(props: ISectionProps): JSX.Element {
  const { manager, trans } = props;
  const { count } = runningNow(manager);
  const now = useNow(count > 0);
  if (!count) {
    return (
      <div className="aml-empty">
        <p className="s">
          {manager.link.kind === 'online'
            ? trans.__('Nothing runs, nothing costs. Money shows here first.')
            : trans.__('Not known until the service answers.')}
        </p>
      </div>
    );
  }
  const rows = [
    ...computeRows(props),
    ...sessionRows(props, now),
    ...localJobRows(props, now)
  ];
  return (
    <>
      <Cost manager={manager} trans={trans} />
      <Rows
        label={trans.__('Running now')}
        rows={rows}
        onOpen={id => {
          const [kind, name] = split(id);
          if (kind === 'job') {
            void props.commands.execute(CommandIDs.openJob, { name });
          }
        }}
      />
    </>
  );
}

function split(id: string): [string, string] {
  const at = id.indexOf('/');
  return [id.slice(0, at), id.slice(at + 1)];
}

function Cost(props: {
  manager: IAmlManager;
  trans: TranslationBundle;
}): JSX.Element {
  const { manager, trans } = props;
  const { perHour } = runningNow(manager);
  const isRehearsal = computesUp(manager).some(one => one.rehearsal);
  return (
    <div className="aml-cost">
      <span className="big">
        {perHour
          ? trans.__('%1 per hour', words.money(perHour))
          : trans.__('Free')}
      </span>
      <span className="s">
        {isRehearsal && perHour
          ? trans.__('would be, in Azure')
          : perHour
            ? ''
            : trans.__('on this machine')}
      </span>
    </div>
  );
}

function computeRows({ manager, commands, trans }: ISectionProps): IRow[] {
  return computesUp(manager).map(compute => {
    const { name, type } = compute.spec;
    const jobs = activeJobs(manager.jobs, name).length;
    const isInstance = type === 'computeinstance';
    const work = jobs ? trans._n('%1 job', '%1 jobs', jobs) : trans.__('idle');
    return {
      id: `compute/${name}`,
      name,
      state: {
        shape: jobs ? 'running' : 'idle',
        word: jobs ? trans.__('Running') : trans.__('Idle')
      },
      isShort: true,
      detail: isInstance
        ? work
        : trans._n('%1 node', '%1 nodes', compute.currentNodes) + `, ${work}`,
      value: compute.pricePerHour
        ? words.rate(compute.pricePerHour, trans)
        : trans.__('free'),
      action: stopAction(compute, jobs, { manager, commands, trans })
    };
  });
}

/** An idle cluster has nothing to stop: its nodes leave by themselves. */
function stopAction(
  { spec }: Compute,
  jobs: number,
  { manager, commands, trans }: ISectionProps
): IRowAction | undefined {
  const { name, type } = spec;
  if (type === 'amlcompute' && !jobs) {
    return undefined;
  }
  return {
    glyph: 'stop',
    label: trans.__('Stop %1…', name),
    disabled: manager.link.kind !== 'online',
    run: () => void commands.execute(CommandIDs.stopCompute, { name })
  };
}

function sessionRows(
  { manager, commands, trans }: ISectionProps,
  now: number
): IRow[] {
  return manager.sessions.map(session => ({
    id: `session/${session.name}`,
    name: session.name,
    state:
      session.state === 'running'
        ? { shape: 'running', word: trans.__('Running') }
        : { shape: 'idle', word: trans.__('Idle') },
    isShort: true,
    detail:
      session.state === 'running'
        ? trans.__('session on %1', session.compute)
        : trans.__(
            'session, idle %1',
            words.duration(words.secondsBetween(session.lastUsedAt, now), trans)
          ),
    value: words.bytes(session.memoryBytes),
    action: {
      glyph: 'stop',
      label: trans.__('End session %1…', session.name),
      disabled: manager.link.kind !== 'online',
      run: () =>
        void commands.execute(CommandIDs.endSession, { name: session.name })
    }
  }));
}

function localJobRows(
  { manager, commands, trans }: ISectionProps,
  now: number
): IRow[] {
  return activeJobs(manager.jobs, 'local')
    .filter(job => !isFinal(job.status))
    .map(job => {
      const name = job.displayName || job.name;
      return {
        id: `job/${job.name}`,
        name,
        state: jobState(job, trans),
        isShort: true,
        detail: trans.__('on this machine'),
        value: words.elapsed(
          words.secondsBetween(job.startedAt ?? job.createdAt, now)
        ),
        action: {
          glyph: 'stop',
          label: trans.__('Cancel %1', name),
          disabled: manager.link.kind !== 'online' || !mayCancel(job.status),
          run: () =>
            void commands.execute(CommandIDs.cancelJob, { name: job.name })
        }
      };
    });
}
