/** The steps of a pipeline: what a graph's node and a list's row say of one. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IGraphStep } from './graphlayout';
import { IState, isFinal, jobState } from './status';
import type { StepRow } from './wire';
import { duration, elapsed, secondsBetween } from './words';

/** What stands at a line that a condition opens: "if true". */
export interface IBranch {
  from: string;
  to: string;
  isTrue: boolean;
}

/** The condition that decides about a step, and the answer with which the step runs. */
export function branchOf(
  step: Pick<StepRow, 'name' | 'block'>
): IBranch | null {
  const at = step.block.lastIndexOf('.');
  return at > 0
    ? {
        from: step.block.slice(0, at),
        to: step.name,
        isTrue: step.block.slice(at + 1) === 'true'
      }
    : null;
}

/** What the graph is laid out by: a step comes after those it needs and its condition. */
export function graphSteps(
  steps: readonly Pick<StepRow, 'name' | 'needs' | 'block'>[]
): IGraphStep[] {
  return steps.map(step => {
    const branch = branchOf(step);
    const needs = new Set(step.needs);
    if (branch) {
      needs.add(branch.from);
    }
    return { name: step.name, needs: Array.from(needs) };
  });
}

export function stepState(step: StepRow, trans: TranslationBundle): IState {
  if (step.status === 'Skipped') {
    return { shape: 'idle', word: trans.__('Skipped') };
  }
  if (step.status === 'NotStarted') {
    return { shape: 'idle', word: trans.__('Not started') };
  }
  return jobState(
    { status: step.status, statusReason: step.reason, attempt: 1 },
    trans
  );
}

/** How long it ran, or runs; empty for what did not run itself. */
export function stepTime(
  step: StepRow,
  now: number,
  trans: TranslationBundle
): string {
  if (!step.startedAt || step.reusedFrom) {
    return '';
  }
  const seconds = secondsBetween(step.startedAt, step.endedAt ?? now);
  return step.endedAt ? duration(seconds, trans) : elapsed(seconds);
}

/** Where its outputs come from, why it did not run, or what it left. */
export function stepNote(step: StepRow, trans: TranslationBundle): string {
  if (step.reusedFrom) {
    return trans.__('reused from %1', step.reusedFrom);
  }
  if (step.reason && !isFinal(step.reason)) {
    return step.reason;
  }
  const names = Object.keys(step.outputs);
  return names.length ? trans.__('left %1', names.join(', ')) : '';
}

/** The job that a click on it opens: its own, or the one whose outputs it took. */
export function jobOf(step: StepRow): string {
  return step.reusedFrom || step.job;
}

/** "train, Completed, 12 s, left model, after prep", for who does not see the graph. */
export function stepLabel(
  step: StepRow,
  now: number,
  trans: TranslationBundle
): string {
  return [
    step.displayName || step.name,
    stepState(step, trans).word,
    stepTime(step, now, trans),
    stepNote(step, trans),
    step.needs.length ? trans.__('after %1', step.needs.join(', ')) : ''
  ]
    .filter(Boolean)
    .join(', ');
}

/** What kind of step it is, where it is no plain command. */
export function stepTag(step: StepRow, trans: TranslationBundle): string {
  switch (step.type) {
    case 'command':
      return '';
    case 'if_else':
      return trans.__('condition');
    case 'parallel':
      return trans.__('parallel');
    case 'pipeline':
      return trans.__('pipeline');
    case 'sweep':
      return trans.__('sweep');
    default:
      return step.type;
  }
}

/** "4 of 5 steps done, 1 running". */
export function pipelineProgress(
  steps: readonly StepRow[],
  trans: TranslationBundle
): string {
  const count = (suits: (step: StepRow) => boolean) =>
    steps.filter(suits).length;
  const done = count(step => step.status === 'Completed');
  const reused = count(step => step.reusedFrom !== '');
  const running = count(step => step.status === 'Running');
  const skipped = count(step => step.status === 'Skipped');
  const failed = count(step => step.status === 'Failed');
  return [
    trans._n(
      '%2 of %1 step completed',
      '%2 of %1 steps completed',
      steps.length,
      done
    ),
    reused ? trans._n('%1 reused', '%1 reused', reused) : '',
    running ? trans._n('%1 running', '%1 running', running) : '',
    skipped ? trans._n('%1 skipped', '%1 skipped', skipped) : '',
    failed ? trans._n('%1 failed', '%1 failed', failed) : ''
  ]
    .filter(Boolean)
    .join(', ');
}
