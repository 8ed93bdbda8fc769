import * as React from 'react';
import type { ISignal } from '@lumino/signaling';

/**
 * Draw again whenever the signal is emitted.
 *
 * It listens from the moment that the first drawing is on the page: a passive effect runs later,
 * and an only change that came in between (all was read) would never be drawn.
 */
export function useSignal(signal: ISignal<unknown, unknown>): void {
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  React.useLayoutEffect(() => {
    const slot = () => redraw();
    signal.connect(slot);
    return () => {
      signal.disconnect(slot);
    };
  }, [signal]);
}

/** The time now (ms), drawn anew each second while `isRunning` and the page is visible. */
export function useNow(isRunning: boolean): number {
  const [now, setNow] = React.useState(() => Date.now());
  React.useEffect(() => {
    if (!isRunning) {
      return;
    }
    const tick = () => {
      if (!document.hidden) {
        setNow(Date.now());
      }
    };
    tick();
    const timer = window.setInterval(tick, 1000);
    return () => window.clearInterval(timer);
  }, [isRunning]);
  return isRunning ? now : Date.now();
}
