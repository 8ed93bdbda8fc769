/** A job's way as a row of stages, from what the service tells of its start and its statuses. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { secondsLeft } from './runwords';
import { isFinal } from './status';
import type { Job, Wait, WaitStage } from './wire';
import * as words from './words';

/** A status that the job entered, with the time it did. */
export interface IStatusChange {
  status: string;
  since: string;
}

export interface IStage {
  name: WaitStage['name'];
  state: 'done' | 'current' | 'ahead' | 'failed';
  /** So far, or in all; null when it was not reached. */
  seconds: number | null;
  usualLow: number | null;
  usualHigh: number | null;
  reason: string;
  isSlower: boolean;
}

type State = IStage['state'];

export interface IStageFacts {
  job: Job;
  wait: Wait | null;
  statuses: readonly IStatusChange[];
  /** Time when `wait` was told, and now (ms). */
  toldAt: number;
  now: number;
}

/** The stages of the newest attempt, from the line to the outputs. */
export function stagesOf(facts: IStageFacts): IStage[] {
  const { wait } = facts;
  const start = wait?.stages.length
    ? wait.stages
        .filter(stage => stage.name !== 'running' && stage.name !== 'outputs')
        .map(stage => fromWait(stage, facts))
    : fromStatuses(facts);
  return [...start, runningStage(facts), outputsStage(facts)];
}

function fromWait(stage: WaitStage, facts: IStageFacts): IStage {
  const isCurrent = stage.state === 'current';
  const since = isCurrent ? (facts.now - facts.toldAt) / 1000 : 0;
  const isReached = stage.state !== 'ahead';
  return {
    name: stage.name,
    state: stage.state,
    seconds: isReached ? stage.seconds + Math.max(0, since) : null,
    usualLow: stage.usualLow,
    usualHigh: stage.usualHigh,
    reason: stage.reason,
    isSlower: stage.slower
  };
}

/** Times when each status of the newest attempt began and ended (ms). */
function spanOf(
  status: string,
  facts: IStageFacts
): { from: number; to: number } | null {
  const { statuses, now } = facts;
  const begin = statuses.map(one => one.status).lastIndexOf('Queued');
  const own = statuses.slice(Math.max(0, begin));
  const index = own.findIndex(one => one.status === status);
  const found = own[index];
  if (!found) {
    return null;
  }
  const next = own[index + 1];
  return {
    from: new Date(found.since).getTime(),
    to: next ? new Date(next.since).getTime() : now
  };
}

const PARTS = [
  ['Queued', 'queued'],
  ['Preparing', 'node']
] as const;

function fromStatuses(facts: IStageFacts): IStage[] {
  const { status } = facts.job;
  return PARTS.map(([word, name]) => {
    const span = spanOf(word, facts);
    const isPast = isFinal(status) || spanOf('Running', facts) !== null;
    const state: State =
      status === word ? 'current' : span || isPast ? 'done' : 'ahead';
    return { ...plainStage(name, state), seconds: secondsOf(span) };
  });
}

function runningStage(facts: IStageFacts): IStage {
  const { job } = facts;
  const span = spanOf('Running', facts);
  const until = spanOf('CancelRequested', facts)?.to ?? span?.to ?? 0;
  const state: State = !span
    ? 'ahead'
    : job.status === 'Failed' && job.diagnosis?.stage !== 'outputs'
      ? 'failed'
      : isFinal(job.status) || job.status === 'Finalizing'
        ? 'done'
        : 'current';
  const seconds = span ? (Math.max(span.to, until) - span.from) / 1000 : null;
  return { ...plainStage('running', state), seconds };
}

function outputsStage(facts: IStageFacts): IStage {
  const { status } = facts.job;
  const span = spanOf('Finalizing', facts);
  const state: State =
    status === 'Finalizing'
      ? 'current'
      : status === 'Completed'
        ? 'done'
        : 'ahead';
  return { ...plainStage('outputs', state), seconds: secondsOf(span) };
}

function secondsOf(span: { from: number; to: number } | null): number | null {
  return span && (span.to - span.from) / 1000;
}

function plainStage(name: IStage['name'], state: State): IStage {
  return {
    name,
    state,
    seconds: null,
    usualLow: null,
    usualHigh: null,
    reason: '',
    isSlower: false
  };
}

export function stageName(
  name: IStage['name'],
  trans: TranslationBundle
): string {
  const names: Record<IStage['name'], () => string> = {
    queued: () => trans.__('Queued'),
    node: () => trans.__('Node'),
    snapshot: () => trans.__('Code'),
    environment: () => trans.__('Environment'),
    process: () => trans.__('Process'),
    running: () => trans.__('Running'),
    outputs: () => trans.__('Outputs')
  };
  return names[name]?.() ?? name;
}

/** "0:41, usually 0:20 to 0:40"; "14:02 of about 38 min"; "usually 0:20"; "not reached". */
export function stageTime(
  stage: IStage,
  hasEnded: boolean,
  trans: TranslationBundle,
  progress: number | null = null
): string {
  const usual = usualWords(stage, trans);
  if (stage.seconds === null) {
    const isOver = hasEnded && stage.state === 'ahead';
    return isOver
      ? trans.__('not reached')
      : usual || (stage.state === 'done' ? '' : trans.__('not yet'));
  }
  const time =
    stage.seconds < 10 && stage.state !== 'current'
      ? words.duration(stage.seconds, trans)
      : words.elapsed(stage.seconds);
  if (stage.state === 'failed') {
    return trans.__('failed after %1', time);
  }
  const left =
    stage.name === 'running' && stage.state === 'current' && progress !== null
      ? secondsLeft(progress, stage.seconds)
      : null;
  if (left !== null) {
    const whole = words.roughly(stage.seconds + left, trans);
    return trans.__('%1 of about %2', time, whole);
  }
  return usual ? trans.__('%1, %2', time, usual) : time;
}

function usualWords(stage: IStage, trans: TranslationBundle): string {
  const { usualLow, usualHigh } = stage;
  if (usualLow === null || usualHigh === null) {
    return '';
  }
  const [low, high] = [words.elapsed(usualLow), words.elapsed(usualHigh)];
  if (usualHigh < 1) {
    return trans.__('usually under 1 s');
  }
  return low === high
    ? trans.__('usually %1', low)
    : trans.__('usually %1 to %2', low, high);
}

/** Shares of the row's width, by how long each stage takes or usually does. */
export function stageShares(stages: readonly IStage[]): number[] {
  const weights = stages.map(stage =>
    Math.sqrt(Math.max(1, stage.usualHigh ?? stage.seconds ?? 1))
  );
  const least = Math.min(...weights);
  return weights.map(weight => Math.min(8, weight / least));
}

/** Stages that a rerun can begin at with something kept before them. */
export const STAGES_KEPT: ReadonlySet<IStage['name']> = new Set([
  'environment',
  'process',
  'running',
  'outputs'
]);
