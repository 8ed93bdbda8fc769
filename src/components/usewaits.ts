import * as React from 'react';
import type { IAmlManager } from '../tokens';
import type { JobSummary, Wait } from '../wire';

const LOOK_MS = 5000;
/** Jobs far down the line have the same reason as those before them. */
const MOST = 5;

/** Why the jobs that have not begun are waiting; asked while the list is in sight. */
export function useWaits(manager: IAmlManager): ReadonlyMap<string, Wait> {
  const [waits, setWaits] = React.useState<ReadonlyMap<string, Wait>>(
    new Map()
  );
  const waiting = manager.activeJobs
    .filter(isWaiting)
    .slice(-MOST)
    .map(job => job.name)
    .join(' ');
  React.useEffect(() => {
    let isWanted = true;
    let timer = 0;
    const look = async () => {
      const mayLook = !document.hidden && manager.link.kind === 'online';
      const found = mayLook ? await ask(manager, waiting.split(' ')) : null;
      if (isWanted) {
        if (found) {
          setWaits(found);
        }
        timer = window.setTimeout(() => void look(), LOOK_MS);
      }
    };
    if (waiting) {
      void look();
    }
    return () => {
      isWanted = false;
      window.clearTimeout(timer);
    };
  }, [waiting]);
  // Those of jobs that have begun meanwhile say nothing any more.
  const wanted = new Set(waiting.split(' '));
  return new Map([...waits].filter(([name]) => wanted.has(name)));
}

function isWaiting(job: JobSummary): boolean {
  return job.startedAt === null && job.status !== 'CancelRequested';
}

async function ask(
  manager: IAmlManager,
  names: readonly string[]
): Promise<ReadonlyMap<string, Wait>> {
  const answers = await Promise.all(
    names.map(name =>
      // A job that has just gone, or a service that does not know: no reason is shown.
      manager.call('jobs.wait', { name }).catch(() => null)
    )
  );
  const known = answers.filter(wait => wait !== null) as Wait[];
  return new Map(known.map(wait => [wait.job, wait]));
}
