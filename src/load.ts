import type { Answer, Args } from './request';
import type { Operation } from './routes';
import { IStore, nodeKey } from './store';
import type {
  Compute,
  JobSummary,
  Node,
  Preferences,
  Session,
  Workspace
} from './wire';

/** Jobs in a page of the list. */
export const PAGE = 50;

type Call = <O extends Operation>(
  operation: O,
  args: Args<O>
) => Promise<Answer<O>>;

export interface ILoaded {
  workspace: Workspace | null;
  store: IStore;
  /** What asks for the next page of jobs; empty if there is none. */
  nextPage: string;
}

/** Read the whole workspace, as the panel shows it. */
export async function load(call: Call): Promise<ILoaded> {
  const [workspaces, computeList, page, active, sessions, preferences] =
    await Promise.all([
      call('workspaces.list', {}),
      call('compute.list', {}),
      call('jobs.list', { maxResults: PAGE }),
      call('jobs.list', { maxResults: PAGE, status: 'active' }),
      call('sessions.list', {}),
      call('preferences.get', {})
    ]);
  const computes = computeList.value as Compute[];
  const nodeLists = await Promise.all(
    computes
      .filter(compute => compute.currentNodes > 0)
      .map(compute => call('compute.nodes', { name: compute.spec.name }))
  );
  const nodes = nodeLists.flatMap(list => list.nodes as Node[]);
  const jobs = [...page.value, ...active.value] as JobSummary[];
  const workspace = (workspaces.value as Workspace[]).find(
    one => one.name === workspaces.current
  );
  return {
    workspace: workspace ?? null,
    nextPage: page.next ?? '',
    store: {
      jobs: new Map(jobs.map(job => [job.name, job])),
      computes: new Map(computes.map(one => [one.spec.name, one])),
      nodes: new Map(nodes.map(node => [nodeKey(node), node])),
      sessions: new Map(
        (sessions.value as Session[]).map(session => [session.name, session])
      ),
      preferences: preferences as Preferences
    }
  };
}
