/** What is known of the workspace, as plain data, and how a line of the feed changes it. Pure. */
import type { Change } from './feed';
import { isFinal } from './status';
import type {
  Compute,
  Job,
  JobSummary,
  Node,
  Preferences,
  Session
} from './wire';

export interface IStore {
  jobs: ReadonlyMap<string, JobSummary>;
  computes: ReadonlyMap<string, Compute>;
  /** By "compute/node". */
  nodes: ReadonlyMap<string, Node>;
  sessions: ReadonlyMap<string, Session>;
  preferences: Preferences | null;
}

export const EMPTY: IStore = {
  jobs: new Map(),
  computes: new Map(),
  nodes: new Map(),
  sessions: new Map(),
  preferences: null
};

/** The store after a change. Objects arrive whole, so the newest wins. */
export function reduce(store: IStore, change: Change): IStore {
  switch (change.noun) {
    case 'job': {
      const job = change.object as Job | JobSummary | null;
      const row = job && summaryOf(job);
      return { ...store, jobs: put(store.jobs, change.name, row) };
    }
    case 'compute': {
      const compute = change.object as Compute | null;
      const nodes =
        compute === null
          ? new Map(
              Array.from(store.nodes).filter(
                ([, node]) => node.compute !== change.name
              )
            )
          : store.nodes;
      return {
        ...store,
        nodes,
        computes: put(store.computes, change.name, compute)
      };
    }
    case 'node': {
      const node = change.object as Node | null;
      const key = node ? nodeKey(node) : change.name;
      return { ...store, nodes: put(store.nodes, key, node) };
    }
    case 'session':
      return {
        ...store,
        sessions: put(
          store.sessions,
          change.name,
          change.object as Session | null
        )
      };
    case 'preferences':
      return { ...store, preferences: change.object as Preferences | null };
    default:
      return store; // a noun of a newer service
  }
}

export function nodeKey(node: Pick<Node, 'compute' | 'name'>): string {
  return `${node.compute}/${node.name}`;
}

/** A job as a list row, from the whole job or from a row. */
export function summaryOf(job: Job | JobSummary): JobSummary {
  if (!('spec' in job)) {
    return job;
  }
  const spec = job.spec;
  const cell = spec.type === 'cell' ? spec : null;
  return {
    name: job.name,
    type: spec.type,
    displayName: spec.displayName ?? '',
    status: job.status,
    statusReason: job.statusReason,
    error: job.error,
    compute: spec.compute ?? '',
    createdAt: job.createdAt,
    startedAt: job.startedAt,
    endedAt: job.endedAt,
    exitCode: job.exitCode,
    attempt: job.attempt,
    experimentName: spec.experimentName ?? '',
    tags: spec.tags ?? {},
    instanceCount: spec.instanceCount ?? 1,
    archived: job.archived,
    progress: job.progress,
    outputs: job.outputs,
    session: cell?.session ?? '',
    notebook: cell?.notebook ?? '',
    cellId: cell?.cellId ?? '',
    listPrice: job.receipt?.listPrice ?? null
  };
}

export function newestFirst(jobs: Iterable<JobSummary>): JobSummary[] {
  return Array.from(jobs)
    .filter(job => !job.archived)
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt));
}

export function activeJobs(
  jobs: Iterable<JobSummary>,
  compute?: string
): JobSummary[] {
  return Array.from(jobs).filter(
    job =>
      !isFinal(job.status) && (compute === undefined || job.compute === compute)
  );
}

/** A new map with a value put in, or taken out when it is null. */
function put<V>(
  map: ReadonlyMap<string, V>,
  key: string,
  value: V | null
): ReadonlyMap<string, V> {
  const copy = new Map(map);
  if (value === null) {
    copy.delete(key);
  } else {
    copy.set(key, value);
  }
  return copy;
}
