/** What a job used over time, as series for plots. */
import * as React from 'react';
import type { ISeries } from './metrics';
import type { IAmlManager } from './tokens';
import type { Sample } from './wire';

const EVERY_MS = 2000;
/** The last ten minutes of a running job; all that was kept of one that ended. */
const SECONDS = 600;
const ALL_SECONDS = 86_400;

/** The job's measurements, read again every two seconds while it runs and the page is looked at. */
export function useSamples(
  manager: IAmlManager,
  name: string,
  isRunning: boolean
): readonly Sample[] {
  const [samples, setSamples] = React.useState<readonly Sample[]>([]);
  React.useEffect(() => {
    let isOver = false;
    let timer = 0;
    const read = async () => {
      // Those of a job that has ended are read once, wherever the person looks then.
      if (!isRunning || !document.hidden) {
        try {
          const seconds = isRunning ? SECONDS : ALL_SECONDS;
          const found = await manager.call('jobs.history', { name, seconds });
          if (!isOver) {
            setSamples(found.value as Sample[]);
          }
        } catch (reason) {
          // The panel says what is wrong with the service; the plots keep what they had.
          console.debug('jupyter-aml: no measurements', reason);
        }
      }
      if (isRunning && !isOver) {
        timer = window.setTimeout(() => void read(), EVERY_MS);
      }
    };
    void read();
    return () => {
      isOver = true;
      window.clearTimeout(timer);
    };
  }, [manager, name, isRunning]);
  return samples;
}

/** One measure of the samples over seconds; empty where it was never measured. Pure. */
export function seriesOf(
  samples: readonly Sample[],
  name: string,
  measure: (sample: Sample) => number | null | undefined
): ISeries {
  const points = samples.flatMap(sample => {
    const y = measure(sample);
    return y === null || y === undefined
      ? []
      : [{ x: new Date(sample.time).getTime() / 1000, y }];
  });
  return { name, points };
}
