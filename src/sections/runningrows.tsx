/** What runs, one line each: computes that are up, kept sessions, jobs of this machine. */
import type { IRow, IRowAction } from '../components/rows';
import { countInstances, ratePerHour } from '../endpointwords';
import { jobsOn } from '../manager';
import { whyNot } from '../mayact';
import { IState, jobState, mayCancel, staleState } from '../status';
import { CommandIDs, IAmlManager, ISectionProps } from '../tokens';
import type { Compute, OnlineEndpoint } from '../wire';
import * as words from '../words';

/** What was true when we last heard of it is not said as if it were. */
function known(state: IState, { manager, trans }: ISectionProps): IState {
  return manager.link.kind === 'online' ? state : staleState(trans);
}

export function computeRows(
  computes: readonly Compute[],
  props: ISectionProps,
  now: number
): IRow[] {
  const { manager, trans } = props;
  return computes.map(compute => {
    const { name } = compute.spec;
    const jobs = jobsOn(manager, name).length;
    return {
      id: `compute/${name}`,
      name,
      state: known(
        jobs
          ? { shape: 'running', word: trans.__('Running') }
          : { shape: 'idle', word: trans.__('Idle') },
        props
      ),
      isShort: true,
      detail: computeWords(compute, jobs, props, now),
      value: compute.pricePerHour
        ? words.rate(compute.pricePerHour, trans)
        : trans.__('free'),
      action: stopAction(compute, jobs, props)
    };
  });
}

/** Endpoints with instances up: they cost while they exist, asked or not. */
export function endpointsUp(manager: IAmlManager): OnlineEndpoint[] {
  return manager.endpoints.filter(
    ({ name }) => countInstances(manager.deploymentsOf(name)) > 0
  );
}

export function endpointRows(props: ISectionProps): IRow[] {
  const { manager, commands, trans } = props;
  return endpointsUp(manager).map(({ name }) => {
    const deployments = manager.deploymentsOf(name);
    const count = countInstances(deployments);
    const perHour = ratePerHour(deployments);
    return {
      id: `endpoint/${name}`,
      name,
      state: known({ shape: 'running', word: trans.__('Running') }, props),
      isShort: true,
      detail: trans._n('%1 instance', '%1 instances', count),
      value: perHour ? words.rate(perHour, trans) : trans.__('free'),
      action: {
        glyph: 'stop',
        label: trans.__('Delete endpoint %1…', name),
        whyNot: whyNot(manager, trans) || undefined,
        run: () => void commands.execute(CommandIDs.deleteEndpoint, { name })
      }
    };
  });
}

function computeWords(
  compute: Compute,
  jobs: number,
  { manager, trans }: ISectionProps,
  now: number
): string {
  if (compute.spec.type === 'amlcompute' && jobs) {
    return trans._n('%1 node', '%1 nodes', compute.currentNodes);
  }
  if (jobs) {
    return trans._n('%1 job', '%1 jobs', jobs);
  }
  const node = manager
    .nodesOf(compute.spec.name)
    .find(one => one.state === 'idle' && one.stateSince);
  return node
    ? trans.__(
        'idle %1',
        words.roughly(words.secondsBetween(node.stateSince, now), trans)
      )
    : trans.__('idle');
}

/** An idle cluster has nothing to stop: its nodes leave by themselves. Nor is what is not ours. */
function stopAction(
  { spec }: Compute,
  jobs: number,
  { manager, commands, trans }: ISectionProps
): IRowAction | undefined {
  const { name, type } = spec;
  if (type === 'attached' || (type === 'amlcompute' && !jobs)) {
    return undefined;
  }
  return {
    glyph: 'stop',
    label: trans.__('Stop %1…', name),
    whyNot: whyNot(manager, trans) || undefined,
    run: () => void commands.execute(CommandIDs.stopCompute, { name })
  };
}

export function sessionRows(props: ISectionProps, now: number): IRow[] {
  const { manager, commands, trans } = props;
  return manager.sessions.map(session => ({
    id: `session/${session.name}`,
    name: session.name,
    state: known(
      session.state === 'running'
        ? { shape: 'running', word: trans.__('Running') }
        : { shape: 'idle', word: trans.__('Idle') },
      props
    ),
    isShort: true,
    detail:
      session.state === 'running'
        ? trans.__('session on %1', session.compute)
        : trans.__(
            'session, idle %1',
            words.roughly(words.secondsBetween(session.lastUsedAt, now), trans)
          ),
    value: words.bytes(session.memoryBytes),
    action: {
      glyph: 'stop',
      label: trans.__('End session %1…', session.name),
      whyNot: whyNot(manager, trans) || undefined,
      run: () =>
        void commands.execute(CommandIDs.endSession, { name: session.name })
    }
  }));
}

export function localJobRows(props: ISectionProps, now: number): IRow[] {
  const { manager, commands, trans } = props;
  return jobsOn(manager, 'local').map(job => {
    const name = job.displayName || job.name;
    const since = job.startedAt ?? job.createdAt;
    const reason = mayCancel(job.status)
      ? whyNot(manager, trans)
      : trans.__('It is ending');
    return {
      id: `job/${job.name}`,
      name,
      state: known(jobState(job, trans), props),
      isShort: true,
      detail: trans.__('on this machine'),
      value: words.elapsed(words.secondsBetween(since, now)),
      action: {
        glyph: 'stop',
        label: trans.__('Cancel %1', name),
        whyNot: reason || undefined,
        run: () =>
          void commands.execute(CommandIDs.cancelJob, { name: job.name })
      }
    };
  });
}
