import type { TranslationBundle } from '@jupyterlab/translation';
import { jobState } from './status';
import type { JobSummary } from './wire';

/** The jobs in whose name, state, compute, experiment or notebook every word occurs. Pure. */
export function filterJobs(
  jobs: readonly JobSummary[],
  text: string,
  trans: TranslationBundle
): readonly JobSummary[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) {
    return jobs;
  }
  return jobs.filter(job => {
    const said = [
      job.displayName,
      job.name,
      jobState(job, trans).word,
      job.compute,
      job.experimentName,
      job.notebook
    ]
      .join(' ')
      .toLowerCase();
    return words.every(word => said.includes(word));
  });
}
