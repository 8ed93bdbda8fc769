/**
 * The one table from a raw status to what a person sees: a shape and a word.
 *
 * The screens never print a raw status. The words are those of the state machines in
 * `lifecycle.ts`; a status of a newer service is shown as Unknown.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Glyph } from './glyphs';
import {
  ClusterState,
  DeploymentState,
  EndpointState,
  EnvironmentState,
  InstanceState,
  isFinal as hasEnded,
  JOB,
  JobState,
  may,
  NodeState
} from './lifecycle';
import type {
  Compute,
  Environment,
  JobSummary,
  Node,
  OnlineDeployment,
  OnlineEndpoint,
  ScoringInstance
} from './wire';

/** Shapes of states, each with its colour class in `style/status.css`. */
export type Shape = Extract<
  Glyph,
  | 'running'
  | 'queued'
  | 'preparing'
  | 'done'
  | 'failed'
  | 'warn'
  | 'stopped'
  | 'idle'
  | 'attached'
  | 'stale'
  | 'pause'
  | 'box'
>;

export interface IState {
  shape: Shape;
  word: string;
}

type Words<S extends string> = Record<
  S,
  readonly [Shape, (t: TranslationBundle) => string]
>;

export const JOB_STATES: Words<JobState> = {
  NotStarted: ['queued', t => t.__('Queued')],
  Queued: ['queued', t => t.__('Queued')],
  Preparing: ['preparing', t => t.__('Preparing')],
  Running: ['running', t => t.__('Running')],
  Finalizing: ['preparing', t => t.__('Finalizing')],
  CancelRequested: ['preparing', t => t.__('Canceling')],
  Completed: ['done', t => t.__('Completed')],
  Failed: ['failed', t => t.__('Failed')],
  Canceled: ['stopped', t => t.__('Canceled')]
};

export const INSTANCE_STATES: Words<InstanceState> = {
  Creating: ['preparing', t => t.__('Starting')],
  Starting: ['preparing', t => t.__('Starting')],
  Running: ['running', t => t.__('Running')],
  Restarting: ['preparing', t => t.__('Starting')],
  Stopping: ['preparing', t => t.__('Stopping')],
  Stopped: ['stopped', t => t.__('Stopped')],
  Unusable: ['failed', t => t.__('Failed')],
  CreateFailed: ['failed', t => t.__('Failed')],
  Deleting: ['preparing', t => t.__('Deleting')]
};

export const CLUSTER_STATES: Words<ClusterState> = {
  Creating: ['preparing', t => t.__('Starting')],
  Steady: ['idle', t => t.__('Idle')],
  Resizing: ['preparing', t => t.__('Scaling')],
  Failed: ['failed', t => t.__('Failed')],
  Deleting: ['preparing', t => t.__('Deleting')]
};

export const NODE_STATES: Words<NodeState> = {
  preparing: ['preparing', t => t.__('Starting')],
  idle: ['idle', t => t.__('Idle')],
  running: ['running', t => t.__('Running')],
  leaving: ['preparing', t => t.__('Stopping')],
  preempted: ['pause', t => t.__('Evicted')],
  unusable: ['failed', t => t.__('Failed')]
};

export const ENDPOINT_STATES: Words<EndpointState> = {
  Creating: ['preparing', t => t.__('Starting')],
  Succeeded: ['done', t => t.__('Healthy')],
  Updating: ['preparing', t => t.__('Updating')],
  Failed: ['failed', t => t.__('Failed')],
  Deleting: ['preparing', t => t.__('Deleting')]
};

export const DEPLOYMENT_STATES: Words<DeploymentState> = {
  ...ENDPOINT_STATES,
  Scaling: ['preparing', t => t.__('Scaling')]
};

export const ENVIRONMENT_STATES: Words<EnvironmentState> = {
  NotBuilt: ['box', t => t.__('Registered')],
  Building: ['preparing', t => t.__('Preparing')],
  Succeeded: ['box', t => t.__('Registered')],
  Failed: ['failed', t => t.__('Failed')],
  Canceled: ['stopped', t => t.__('Canceled')]
};

/** Whether the job changes no more. */
export function isFinal(status: string): boolean {
  return hasEnded(JOB, status);
}

/** Why a job is in its state; nothing when the reason only names a state again. */
export function reasonOf(job: Pick<JobSummary, 'statusReason'>): string {
  return isFinal(job.statusReason) ? '' : job.statusReason;
}

/** Whether a cancel would do something: not when one is under way or the job has ended. */
export function mayCancel(status: string): boolean {
  return (
    (may(JOB, status, 'CancelRequested') || may(JOB, status, 'Canceled')) &&
    status !== 'CancelRequested'
  );
}

function look(
  table: Partial<Words<string>>,
  raw: string,
  trans: TranslationBundle
): IState {
  const entry = table[raw];
  return entry
    ? { shape: entry[0], word: entry[1](trans) }
    : { shape: 'stale', word: trans.__('Unknown') };
}

export function jobState(
  job: Pick<JobSummary, 'status' | 'statusReason' | 'attempt'>,
  trans: TranslationBundle
): IState {
  if (job.status === 'Queued' && job.statusReason.startsWith('Evicted')) {
    return { shape: 'pause', word: trans.__('Evicted') };
  }
  return look(JOB_STATES, job.status, trans);
}

export function nodeState(node: Node, trans: TranslationBundle): IState {
  return look(NODE_STATES, node.state, trans);
}

export function environmentState(
  environment: Environment,
  trans: TranslationBundle
): IState {
  return look(ENVIRONMENT_STATES, environment.state, trans);
}

/** Degraded when a deployment that has traffic has failed, or an instance of it is unhealthy. */
export function endpointState(
  endpoint: OnlineEndpoint,
  deployments: readonly OnlineDeployment[],
  trans: TranslationBundle
): IState {
  const serving = deployments.filter(
    ({ name }) => (endpoint.traffic[name] ?? 0) > 0
  );
  const isDegraded = serving.some(
    one =>
      one.state === 'Failed' ||
      one.instances.some(instance => instance.state === 'Unhealthy')
  );
  if (endpoint.state === 'Succeeded' && isDegraded) {
    return { shape: 'warn', word: trans.__('Degraded') };
  }
  if (endpoint.state === 'Succeeded' && !deployments.length) {
    return { shape: 'idle', word: trans.__('Empty') };
  }
  return look(ENDPOINT_STATES, endpoint.state, trans);
}

const SCORING_STATES: Words<ScoringInstance['state']> = {
  Starting: ['preparing', t => t.__('Starting')],
  Ready: ['done', t => t.__('Healthy')],
  Draining: ['preparing', t => t.__('Stopping')],
  Unhealthy: ['warn', t => t.__('Degraded')],
  Ended: ['stopped', t => t.__('Stopped')]
};

export function instanceState(
  instance: ScoringInstance,
  trans: TranslationBundle
): IState {
  return look(SCORING_STATES, instance.state, trans);
}

/** The others are those of a machine that answers. */
const ATTACHED_STATES: Record<string, (trans: TranslationBundle) => IState> = {
  Unusable: t => ({ shape: 'failed', word: t.__('No answer') }),
  Deleting: t => ({ shape: 'preparing', word: t.__('Detaching') })
};

export function computeState(
  compute: Compute,
  trans: TranslationBundle
): IState {
  const busy = compute.runningJobs > 0;
  if (compute.spec.type === 'computeinstance') {
    return look(INSTANCE_STATES, compute.state, trans);
  }
  const working: IState = busy
    ? { shape: 'running', word: trans.__('Running') }
    : { shape: 'idle', word: trans.__('Idle') };
  if (compute.spec.type === 'local') {
    return working;
  }
  if (compute.spec.type === 'attached') {
    return ATTACHED_STATES[compute.state]?.(trans) ?? working;
  }
  if (compute.state === 'Resizing') {
    return {
      shape: 'preparing',
      word: trans.__(
        'Scaling %1 to %2 of %3',
        compute.currentNodes,
        compute.targetNodes,
        compute.spec.maxInstances
      )
    };
  }
  if (compute.state === 'Steady' && busy) {
    return { shape: 'running', word: trans.__('Running') };
  }
  return look(CLUSTER_STATES, compute.state, trans);
}

/** What was true when we last heard of it, said as that. */
export function staleState(trans: TranslationBundle): IState {
  return { shape: 'stale', word: trans.__('Unknown') };
}
