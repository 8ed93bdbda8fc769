/** How smoothly the browser scrolls. */
import type { Locator } from '@playwright/test';

/** Scroll `box` from its top to its end in two seconds' frames, and print how many came late. */
export async function scrollThrough(box: Locator): Promise<void> {
  const frames = await box.evaluate(
    node =>
      new Promise<number[]>(resolve => {
        const times: number[] = [];
        let last = performance.now();
        const step = (now: number) => {
          times.push(now - last);
          last = now;
          node.scrollTop = (node.scrollHeight / 120) * times.length;
          if (times.length < 120) {
            requestAnimationFrame(step);
          } else {
            resolve(times.slice(1).sort((one, other) => one - other));
          }
        };
        requestAnimationFrame(step);
      })
  );
  const late = frames.filter(time => time > 34).length;
  console.log(
    `scrolling through: median frame ${frames[60].toFixed(1)} ms, ${late} of ${frames.length} frames dropped`
  );
}
