import * as React from 'react';
import { ApiError } from '../request';
import { isFinal } from '../status';
import type { IAmlManager } from '../tokens';

/** What the parts themselves do not tell, a metric say, is asked for while the whole goes on. */
const LOOK_MS = 2000;
/** Several parts that change at once are read once. */
const PAUSE_MS = 150;

export interface IParts<T> {
  value: T | null;
  error: ApiError | null;
}

/** The parts of a sweep or pipeline, read again whenever the feed told of one of them. */
export function useParts<T>(
  manager: IAmlManager,
  parent: string,
  read: () => Promise<T>
): IParts<T> {
  const [parts, setParts] = React.useState<IParts<T>>({
    value: null,
    error: null
  });
  React.useEffect(() => {
    let isWanted = true;
    let timer = 0;
    let seen = '';
    const look = async () => {
      timer = 0;
      seen = markOf(manager, parent);
      try {
        const value = await read();
        if (isWanted) {
          setParts({ value, error: null });
        }
      } catch (reason) {
        // What was read last stays on the screen.
        const error = ApiError.from(reason);
        if (isWanted) {
          setParts(before => ({ ...before, error }));
        }
      }
      if (isWanted && !timer) {
        onChanged();
        const whole = manager.jobNamed(parent);
        if (!timer && whole && !isFinal(whole.status)) {
          timer = window.setTimeout(() => void look(), LOOK_MS);
        }
      }
    };
    const onChanged = () => {
      if (seen && markOf(manager, parent) !== seen) {
        seen = '';
        window.clearTimeout(timer);
        timer = window.setTimeout(() => void look(), PAUSE_MS);
      }
    };
    manager.changed.connect(onChanged);
    void look();
    return () => {
      isWanted = false;
      window.clearTimeout(timer);
      manager.changed.disconnect(onChanged);
    };
  }, [manager, parent]);
  return parts;
}

/** Differs when there is something new to read. */
function markOf(manager: IAmlManager, parent: string): string {
  const whole = manager.jobNamed(parent);
  return [
    manager.link.kind,
    whole?.status,
    whole?.progress,
    ...manager
      .partsOf(parent)
      .map(job => `${job.name} ${job.status} ${job.progress}`)
  ].join(',');
}
