/** A run's figures in words, the same on a cell's strip, its gutter and the job view. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { reasonOf } from './status';
import type { Compute, Job, JobSummary } from './wire';
import * as words from './words';

/** Less than this is too little to tell the rest by. */
const LEAST_PROGRESS = 0.02;
const LEAST_SECONDS = 5;

/** What the job says of its progress, and about how long it goes on. */
export function progressWords(
  job: JobSummary,
  seconds: number,
  trans: TranslationBundle
): string {
  const { progress } = job;
  if (progress === null) {
    return reasonOf(job);
  }
  const said = job.doing || trans.__('%1 %', Math.round(progress * 100));
  const left = secondsLeft(progress, seconds);
  return left === null
    ? said
    : trans.__('%1, about %2 left', said, words.roughly(left, trans));
}

/** Seconds that a run goes on if it keeps its pace; null while it is too early to say. */
export function secondsLeft(progress: number, seconds: number): number | null {
  return progress >= LEAST_PROGRESS && progress < 1 && seconds >= LEAST_SECONDS
    ? (seconds / progress) * (1 - progress)
    : null;
}

/** List price of the run so far, or in all once it ended; null where it costs nothing. */
export function priceOf(
  job: JobSummary,
  compute: Compute | undefined,
  seconds: number
): number | null {
  if (job.listPrice !== null) {
    return job.listPrice || null;
  }
  if (!job.startedAt || !compute?.pricePerHour || !compute.currentNodes) {
    return null;
  }
  const perNode = compute.pricePerHour / compute.currentNodes;
  return (perNode * job.instanceCount * seconds) / 3600;
}

/** List price of a sweep or pipeline: its own receipt's, else the sum of its parts'. */
export function partsPrice(
  whole: Pick<Job, 'receipt'>,
  parts: readonly Pick<JobSummary, 'listPrice'>[]
): number {
  return (
    whole.receipt?.listPrice ??
    parts.reduce((sum, part) => sum + (part.listPrice ?? 0), 0)
  );
}

/** "$0.12 so far"; rehearsal money is always "would be". */
export function priceWords(
  price: number,
  isActive: boolean,
  isRehearsal: boolean,
  trans: TranslationBundle
): string {
  const amount = words.money(price);
  if (isActive) {
    return isRehearsal
      ? trans.__('would be %1 so far', amount)
      : trans.__('%1 so far', amount);
  }
  return isRehearsal ? trans.__('would be %1', amount) : amount;
}
