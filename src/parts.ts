import type { Job, JobSummary } from './wire';

/** What a job is made of: trials of a sweep, steps of a pipeline; null for a job of its own. */
export function partsOf(job: Job): 'trials' | 'steps' | null {
  return partsOfType(job.spec.type);
}

/** The same from a list's row. */
export function partsOfType(
  type: JobSummary['type']
): 'trials' | 'steps' | null {
  return type === 'sweep' ? 'trials' : type === 'pipeline' ? 'steps' : null;
}
