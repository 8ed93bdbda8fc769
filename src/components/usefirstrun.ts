import * as React from 'react';
import { isFinal } from '../status';
import type { IAmlManager } from '../tokens';
import type { JobSummary } from '../wire';

/** How far somebody has come who is here for the first time. */
export interface IFirstRun {
  /** The first job, once there is one. */
  job: JobSummary | null;
  dismiss(): void;
}

/**
 * The first run, from an empty workspace to a finished job; null for everybody else.
 *
 * Who saw the card begin sees it end: it stays until the job has ended and it is dismissed.
 */
export function useFirstRun(manager: IAmlManager): IFirstRun | null {
  const [hasBegun, setBegun] = React.useState(false);
  const [isOver, setOver] = React.useState(false);
  const isEmpty =
    manager.isReady &&
    manager.workspace?.kind === 'local' &&
    manager.jobs.length === 0;
  React.useEffect(() => {
    if (isEmpty) {
      setBegun(true);
    }
  }, [isEmpty]);
  const mayShow = manager.link.kind === 'online' && manager.mayWrite;
  if (isOver || !mayShow || !(isEmpty || hasBegun)) {
    return null;
  }
  return { job: firstOf(manager.jobs), dismiss: () => setOver(true) };
}

/**
 * Of several runs at once the first, so that the card does not change under the pointer: the first
 * that completed, else the first that still may; of failed ones the last try.
 */
export function firstOf(newestFirst: readonly JobSummary[]): JobSummary | null {
  const jobs = [...newestFirst].reverse();
  const done = jobs.find(job => job.status === 'Completed');
  return (
    done ?? jobs.find(one => !isFinal(one.status)) ?? newestFirst[0] ?? null
  );
}
