/** When the end of a job is worth a notice, and what it says. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { jobState } from './status';
import type { JobSummary } from './wire';
import { duration, elapsed, money, secondsBetween } from './words';

export interface INoticeWords {
  kind: 'success' | 'error' | 'info';
  title: string;
  /** Time and cost of what went well, the cause of what did not. */
  text: string;
}

/** What is known of the page at the moment a job ends. */
export interface IPageFacts {
  /** Its cell or its own view is in front of the person. */
  isInSight: boolean;
  /** The person asked for this end. */
  wasAsked: boolean;
}

/** Shorter runs are watched: whoever started one is still looking. */
const LEAST_SECONDS = 10;

export function isWorthANotice(job: JobSummary, page: IPageFacts): boolean {
  if (page.isInSight || page.wasAsked) {
    return false;
  }
  if (job.type === 'kernel' && job.status !== 'Failed') {
    return false; // a kernel that was restarted or shut down: somebody just did that
  }
  const seconds = secondsBetween(job.createdAt, job.endedAt ?? job.createdAt);
  return job.status === 'Failed' || seconds >= LEAST_SECONDS;
}

export function noticeWords(
  job: JobSummary,
  trans: TranslationBundle
): INoticeWords {
  const name = job.displayName || job.name;
  const title = trans.__('%1: %2', name, jobState(job, trans).word);
  if (job.status === 'Failed') {
    const text = job.cause || job.error?.message || job.statusReason;
    return { kind: 'error', title, text };
  }
  const seconds =
    job.startedAt && job.endedAt
      ? secondsBetween(job.startedAt, job.endedAt)
      : 0;
  const time = seconds < 60 ? duration(seconds, trans) : elapsed(seconds);
  const text = job.listPrice
    ? trans.__('%1, %2', time, money(job.listPrice))
    : time;
  return {
    kind: job.status === 'Completed' ? 'success' : 'info',
    title,
    text
  };
}
