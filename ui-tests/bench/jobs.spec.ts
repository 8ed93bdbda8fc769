/** 10,000 jobs in the panel: until they are shown, while one changes often, and scrolling through. */
import { test } from '@jupyterlab/galata';
import type { CDPSession } from '@playwright/test';
import { AGO, FakeService, job } from '../tests/fake';
import { openPanel, row } from '../tests/screen';
import { scrollThrough } from './frames';

test.use({ autoGoto: false });

const JOBS = 10_000;
const CHANGES = 500;

/** Seconds that the page's own thread has been busy, and MB that it holds. */
async function metrics(
  client: CDPSession
): Promise<{ busy: number; heap: number }> {
  await client.send('HeapProfiler.collectGarbage');
  const { metrics: all } = await client.send('Performance.getMetrics');
  const value = (name: string) =>
    all.find(one => one.name === name)?.value ?? 0;
  return { busy: value('TaskDuration'), heap: value('JSHeapUsedSize') / 1e6 };
}

test('10,000 jobs', async ({ page }) => {
  const fake = new FakeService();
  await fake.install(page);
  // Galata's page is a proxy, which the browser's own protocol does not know.
  const context = page.context();
  const client = await context.newCDPSession(context.pages()[0]);
  await client.send('Performance.enable');
  await page.goto();
  const panel = await openPanel(page);
  await row(panel, 'Compute', 'local').waitFor();
  const empty = await metrics(client);

  fake.jobs = Array.from({ length: JOBS }, (_, index) =>
    job(`job-${index}`, {
      status: 'Completed',
      createdAt: AGO(100 + index),
      endedAt: AGO(60 + index)
    })
  );
  await page.goto();
  await openPanel(page);
  await row(panel, 'Jobs', 'job-0').waitFor();
  const full = await metrics(client);
  console.log(`memory: ${(full.heap - empty.heap).toFixed(0)} MB more`);
  console.log(
    `busy from load to shown: ${(full.busy * 1000).toFixed(0)} ms; without jobs ${(empty.busy * 1000).toFixed(0)} ms`
  );

  const run = job('train', { createdAt: AGO(1), startedAt: AGO(1) });
  for (let step = 1; step <= CHANGES; step += 1) {
    fake.change('job', 'train', { ...run, progress: step / CHANGES });
  }
  await panel.locator('progress[value="1"]').waitFor();
  const changed = await metrics(client);
  console.log(
    `busy per change: ${(((changed.busy - full.busy) * 1000) / CHANGES).toFixed(2)} ms`
  );

  await scrollThrough(panel.locator('.aml-body'));
  const drawn = await panel.locator('[data-row]').count();
  console.log(`rows in the page: ${drawn}`);
});
