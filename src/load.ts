import { Answer, ApiError, Args } from './request';
import type { Operation } from './routes';
import { assetKey, emptyStore, environmentKey, IStore } from './store';
import type {
  BatchDeployment,
  BatchEndpoint,
  Compute,
  CostSummary,
  Data,
  Environment,
  JobSummary,
  Model,
  Node,
  OnlineDeployment,
  OnlineEndpoint,
  Preferences,
  Schedule,
  Session,
  UsualStart,
  Workspace
} from './wire';

/** Jobs in the first page of the list; later ones are asked for by scrolling. */
export const PAGE = 50;
export const NEXT_PAGE = 200;

type Call = <O extends Operation>(
  operation: O,
  args: Args<O>
) => Promise<Answer<O>>;

export interface ILoaded {
  workspaces: Workspace[];
  workspace: Workspace | null;
  store: IStore;
  /** What asks for the next page of jobs; empty if there is none. */
  nextPage: string;
}

/** Read the whole workspace, as the panel shows it. */
export async function load(call: Call): Promise<ILoaded> {
  const [
    workspaces,
    computeList,
    page,
    active,
    sessions,
    preferences,
    costs,
    starts,
    environments,
    models,
    data,
    endpoints,
    batchEndpoints,
    schedules
  ] = await Promise.all([
    call('workspaces.list', {}),
    call('compute.list', {}),
    call('jobs.list', { maxResults: PAGE }),
    call('jobs.list', { maxResults: PAGE, status: 'active' }),
    call('sessions.list', {}),
    call('preferences.get', {}),
    orNull(call('costs.summary', {})),
    orNull(call('compute.waits', {})),
    orNull(call('environments.list', {})),
    orNull(call('models.list', {})),
    orNull(call('data.list', {})),
    orNull(call('online_endpoints.list', {})),
    orNull(call('batch_endpoints.list', {})),
    orNull(call('schedules.list', {}))
  ]);
  const store = emptyStore();
  const computes = computeList.value as Compute[];
  const nodeLists = await Promise.all(
    computes
      .filter(compute => compute.currentNodes > 0)
      .map(({ spec }) => orGone(call('compute.nodes', { name: spec.name })))
  );
  fill(store.computes, computes, one => one.spec.name);
  fill(
    store.nodes,
    nodeLists.flatMap(list => (list?.nodes ?? []) as Node[]),
    node => node.name
  );
  fill(
    store.jobs,
    [...page.value, ...active.value] as JobSummary[],
    job => job.name
  );
  fill(store.sessions, sessions.value as Session[], one => one.name);
  fill(
    store.environments,
    (environments?.value ?? []) as Environment[],
    environmentKey
  );
  fill(store.models, (models?.value ?? []) as Model[], assetKey);
  fill(store.data, (data?.value ?? []) as Data[], assetKey);
  const served = (endpoints?.value ?? []) as OnlineEndpoint[];
  fill(store.endpoints, served, one => one.name);
  const deploymentLists = await Promise.all(
    served.map(({ name }) =>
      orGone(call('online_deployments.list', { endpoint: name }))
    )
  );
  fill(
    store.deployments,
    deploymentLists.flatMap(list => (list?.value ?? []) as OnlineDeployment[]),
    one => `${one.endpointName}/${one.name}`
  );
  const batches = (batchEndpoints?.value ?? []) as BatchEndpoint[];
  fill(store.batchEndpoints, batches, one => one.name);
  const batchLists = await Promise.all(
    batches.map(({ name }) =>
      orGone(call('batch_deployments.list', { endpoint: name }))
    )
  );
  fill(
    store.batchDeployments,
    batchLists.flatMap(list => (list?.value ?? []) as BatchDeployment[]),
    one => `${one.endpointName}/${one.name}`
  );
  fill(
    store.schedules,
    (schedules?.value ?? []) as Schedule[],
    one => one.name
  );
  store.preferences = preferences as Preferences;
  store.starts = (starts?.value ?? []) as UsualStart[];
  store.costs = costs as CostSummary | null;
  if (computes.some(({ spec }) => spec.type === 'computeinstance')) {
    const sizes = await orNull(call('compute.sizes', {}));
    for (const size of sizes?.value ?? []) {
      if (size.pricePerHour) {
        store.prices.set(size.name, size.pricePerHour);
      }
    }
  }
  const all = workspaces.value as Workspace[];
  return {
    workspaces: all,
    workspace: all.find(one => one.name === workspaces.current) ?? null,
    nextPage: page.next ?? '',
    store
  };
}

function fill<V>(
  map: Map<string, V>,
  values: readonly V[],
  key: (value: V) => string
): void {
  for (const value of values) {
    map.set(key(value), value);
  }
}

/** What was listed a moment ago may be gone by now. */
async function orGone<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (reason) {
    if (reason instanceof ApiError && reason.code === 'NotFound') {
      return null;
    }
    throw reason;
  }
}

/** What a backend or an older service may lack is left out, not an error. */
async function orNull<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (reason) {
    if (reason instanceof ApiError && reason.code !== 'Unreachable') {
      return null;
    }
    throw reason;
  }
}
