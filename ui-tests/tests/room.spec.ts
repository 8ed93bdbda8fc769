/** Every screen in little room: nothing is cut, nothing lies out of reach. */
import { expect, test } from '@jupyterlab/galata';
import type { Page } from '@playwright/test';
import { busy } from './busy';
import type { FakeService } from './fake';
import { serve } from './scenes/endpoint';
import { failed, running } from './scenes/job';
import { pipeline } from './scenes/pipeline';
import { sizes } from './scenes/sizes';
import { sweep } from './scenes/sweep';
import { execute, expectReachable, openPanel, picture } from './screen';

test.use({ autoGoto: false });

const DIALOGS: [string, Record<string, string>][] = [
  ['create-compute', {}],
  ['create-job', {}],
  ['create-environment', {}],
  ['show-keys', { name: 'churn' }],
  ['deploy-model', { endpoint: 'churn' }],
  ['schedule-job', { name: 'tune' }],
  ['set-budget', {}]
];
const VIEWS: [string, string][] = [
  ['open-endpoint', 'churn'],
  ['open-job', 'train-resnet'],
  ['open-job', 'train-xgb'],
  ['open-job', 'tune'],
  ['open-job', 'flow'],
  ['open-model', 'churn-xgb:4'],
  ['open-environment', 'torch-cpu:3']
];

/** All that other tests show, in one workspace. */
async function everything(): Promise<FakeService> {
  const fake = busy();
  const flow = pipeline();
  // The endpoint has this name too.
  rename(flow, 'churn', 'flow');
  for (const one of [running(), failed(), sweep(), flow]) {
    const known = new Set(fake.jobs.map(({ name }) => name));
    fake.jobs.push(...one.jobs.filter(({ name }) => !known.has(name)));
    Object.assign(fake.wholeJobs, one.wholeJobs);
    Object.assign(fake.parts, one.parts);
    Object.assign(fake.waits, one.waits);
    Object.assign(fake.events, one.events);
  }
  await serve(fake);
  Object.assign(fake.answers, {
    'POST /online-endpoints/churn/keys': {
      primaryKey: 'first'.repeat(6),
      secondaryKey: 'second'.repeat(5)
    }
  });
  fake.sizes = sizes().sizes;
  return fake;
}

function rename(fake: FakeService, before: string, after: string): void {
  for (const job of fake.jobs.filter(one => one.name === before)) {
    job.name = after;
  }
  fake.wholeJobs[after] = fake.wholeJobs[before] ?? {};
  fake.parts[`${after}/steps`] = fake.parts[`${before}/steps`];
}

/** A window at 200 % zoom, and one with large letters. */
async function inLittleRoom(page: Page, look: () => Promise<void>) {
  const letters = (size: string) =>
    page.evaluate(
      value => document.body.style.setProperty('--jp-ui-font-size1', value),
      size
    );
  await page.setViewportSize({ width: 720, height: 450 });
  await look();
  await page.setViewportSize({ width: 1280, height: 800 });
  await letters('18px');
  await look();
  await letters('');
}

test('every dialog and every view in little room', async ({ page }) => {
  const fake = await everything();
  await fake.install(page);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto('');
  const panel = await openPanel(page);
  await expect(
    panel.getByRole('button', { name: 'New Compute…' })
  ).toBeEnabled();

  for (const [command, args] of DIALOGS) {
    // It ends with the dialog.
    const isOver = execute(page, `jupyter-aml:${command}`, args);
    const dialog = page.locator('dialog.aml-dlg');
    await expect(dialog).toBeVisible();
    await inLittleRoom(page, async () => {
      await expectReachable(dialog);
      await expect(
        dialog.locator('.answers .btn').last(),
        command
      ).toBeInViewport({ ratio: 1 });
    });
    await page.keyboard.press('Escape');
    await expect(dialog).toHaveCount(0);
    await isOver;
  }
  for (const [command, name] of VIEWS) {
    await execute(page, `jupyter-aml:${command}`, { name });
    const view = page.locator('.aml-view:visible');
    const title = name.split(':')[0] ?? name;
    await expect(
      view.locator('.hd').getByRole('heading', { level: 2 }),
      name
    ).toHaveAttribute('title', name === 'flow' ? 'churn' : title);
    await inLittleRoom(page, () => expectReachable(view));
  }
  await picture(page, 'room-light');
});
