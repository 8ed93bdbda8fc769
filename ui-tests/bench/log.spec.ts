/** A log of a million lines in the browser: how long, how jerky, how large. */
import { test } from '@jupyterlab/galata';
import type { Page } from '@playwright/test';
import { AGO, FakeService, job } from '../tests/fake';
import { execute } from '../tests/screen';
import { scrollThrough } from './frames';

test.use({ autoGoto: false });

const LINES = 1_000_000;
const A_CHUNK = 1000;
const A_MESSAGE = 4;

/** Milliseconds that the page's own thread was busy at a stretch, longest first. */
async function stretches(page: Page): Promise<number[]> {
  return page.evaluate(() => {
    const { longTasks } = window as unknown as { longTasks: number[] };
    return longTasks.splice(0).sort((one, other) => other - one);
  });
}

async function heapMb(page: Page): Promise<number> {
  const client = await page.context().newCDPSession(page.context().pages()[0]);
  await client.send('HeapProfiler.collectGarbage');
  const { usedSize } = await client.send('Runtime.getHeapUsage');
  return Math.round(usedSize / 1e6);
}

test('a million lines', async ({ page }) => {
  const fake = new FakeService();
  fake.jobs.push(job('long', { startedAt: AGO(60) }));
  const text = (from: number) =>
    Array.from(
      { length: A_CHUNK },
      (_, at) => `step ${from + at}  loss 0.123456  12 ms\n`
    ).join('');
  const events = Array.from({ length: LINES / A_CHUNK }, (_, at) => ({
    seq: at + 1,
    time: AGO(60),
    kind: 'stdout' as const,
    text: text(at * A_CHUNK)
  }));
  await fake.install(page);
  await page.addInitScript(() => {
    const tasks: number[] = [];
    Object.assign(window, { longTasks: tasks });
    new PerformanceObserver(list => {
      tasks.push(...list.getEntries().map(entry => entry.duration));
    }).observe({ entryTypes: ['longtask'] });
  });
  await page.goto('');
  const before = await heapMb(page);
  await stretches(page);
  const began = Date.now();
  await execute(page, 'jupyter-aml:open-job', { name: 'long' });
  for (let at = 0; at < events.length; at += A_MESSAGE) {
    fake.tell('long', events.slice(at, at + A_MESSAGE));
  }
  const log = page.locator('.aml-view:visible').getByRole('log');
  await log.getByText(`step ${LINES - 1} `).waitFor({ timeout: 120_000 });
  console.log(`all ${LINES} lines shown after ${Date.now() - began} ms`);
  console.log(`longest stretches: ${(await stretches(page)).slice(0, 5)} ms`);
  console.log(`memory: ${(await heapMb(page)) - before} MB more`);
  console.log(`elements in the log: ${await log.locator('*').count()}`);

  await scrollThrough(log);

  const searched = Date.now();
  await page.getByRole('searchbox', { name: 'Search the log' }).fill('step 9');
  await page.getByText(/\d hits/).waitFor();
  console.log(`search: ${Date.now() - searched} ms`);
  console.log(`longest stretches: ${(await stretches(page)).slice(0, 3)} ms`);
});
