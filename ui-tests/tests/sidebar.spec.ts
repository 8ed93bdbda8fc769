/** The panel in all its states, over a service in the test's hands. */
import { expect, test } from '@jupyterlab/galata';
import type { Page } from '@playwright/test';
import { busy } from './busy';
import { AGO, FakeService, job, NOW } from './fake';
import {
  expectAccessible,
  expectNoOverflow,
  inThemes,
  openPanel,
  picture,
  row
} from './screen';

test.use({ autoGoto: false });

test('the busy panel: themes, widths, letters, and by keyboard', async ({
  page
}) => {
  const service = busy();
  await service.install(page);
  await page.goto();
  const panel = await openPanel(page);
  const jobs = panel.getByRole('treegrid', { name: 'Jobs' });
  await expect(row(panel, 'Compute', 'gpu-cluster')).toContainText(
    'Scaling 1 to 2 of 4'
  );
  await expect(row(panel, 'Compute', 'cpu-cluster')).toContainText(
    '0 of 4 nodes, starts in 2 min'
  );
  await expect(row(panel, 'Jobs', 'tune-lr-4')).toContainText(
    '2nd in line, usually 3 to 6 min'
  );
  await expect(row(panel, 'Jobs', 'train-xgb')).toContainText('out of memory');
  await expect(panel.locator('.aml-cost')).toContainText(
    /\$1\.34 per hour.*guard on.*\$9\.31 of \$20\.00 today, would be.*lasts to/s
  );
  await expect(panel.locator('.aml-ws')).toContainText(/\d+ s ago/);
  await expect(row(panel, 'Compute', 'local')).toContainText('8 cores');
  await expect(row(panel, 'Compute', 'dev-box')).toContainText(
    'idle 12 min, stops in 48'
  );
  await expect(
    panel.getByRole('button', { name: 'Start dana-gpu, $0.53/h' })
  ).toBeVisible();
  await expect(page.locator('.aml-status-item')).toContainText(
    '2 running, $1.34/h, $9.31 of $20.00 today'
  );

  const title = panel.getByRole('button', { name: /^Data & environments/ });
  await expect(title).toHaveAttribute('aria-expanded', 'false');
  await title.click();
  await expect(row(panel, 'Environments', 'lightgbm-env:1')).toContainText(
    'installing 12 packages, usually 40 s'
  );

  await jobs.locator('[tabindex="0"]').focus();
  await page.keyboard.press('End');
  await expect(row(panel, 'Jobs', 'train-xgb')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(jobs.getByText('churn.ipynb, cell 7, line 12')).toBeVisible();
  await picture(page, 'panel-details-light');
  await page.keyboard.press('ArrowLeft');
  await expect(jobs.getByText('churn.ipynb, cell 7')).toBeHidden();
  await page.keyboard.press('f');
  await expect(row(panel, 'Jobs', 'features-daily')).toBeFocused();

  await inThemes(page, async theme => {
    await picture(page, `panel-busy-${theme}`);
    await expectAccessible(page, '#jupyter-aml-panel');
  });
  await page.evaluate(() => {
    document.documentElement.dir = 'rtl';
  });
  await picture(page, 'panel-busy-rtl');
  await page.evaluate(() => {
    document.documentElement.dir = '';
  });
  await page.emulateMedia({ forcedColors: 'active', reducedMotion: 'reduce' });
  await picture(page, 'panel-busy-forced');
  await page.emulateMedia({ forcedColors: null, reducedMotion: null });
  await page.sidebar.setWidth(300);
  await expectNoOverflow(panel);
  await picture(page, 'panel-busy-300');
  // JupyterLab's least is 250 px. With larger letters that is as narrow as 220 px at 13.
  await page.evaluate(() =>
    document.body.style.setProperty('--jp-ui-font-size1', '15px')
  );
  await page.sidebar.setWidth(250);
  await expectNoOverflow(panel);
  await picture(page, 'panel-busy-narrow');
  await page.evaluate(() =>
    document.body.style.setProperty('--jp-ui-font-size1', '18px')
  );
  await expectNoOverflow(panel);
  await page.sidebar.setWidth(360);
  await expectNoOverflow(panel);
  await picture(page, 'panel-busy-font18');

  await page.keyboard.press('Home');
  await page.keyboard.press('Space');
  await expect
    .poll(() => service.asked.map(one => one.request))
    .toEqual(['POST /jobs/tune-lr-4/cancel']);
  await page.keyboard.press('Shift+F10');
  await expect(page.getByRole('menuitem', { name: 'Open Job' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(row(panel, 'Jobs', 'tune-lr-4')).toBeFocused();
});

test('first run: one button; a refused create stays with its cause', async ({
  page
}) => {
  const service = new FakeService();
  service.refusals['POST /compute'] = {
    code: 'QuotaExceeded',
    message: 'Quota: cpu-cluster needs 4 cores, 2 of 8 are left (Some Family)',
    hint: 'Choose a smaller size: `%aml compute sizes`'
  };
  service.usage = [
    {
      name: 'Some Family',
      currentValue: 6,
      limit: 8,
      holders: ['etl-nightly: 3 x 2 cores']
    }
  ];
  await service.install(page);
  await page.goto();
  const panel = await openPanel(page);
  const start = panel.getByRole('button', { name: 'Start cpu-cluster' });
  await expect(start).toBeFocused();
  await inThemes(page, async theme => {
    await picture(page, `panel-first-run-${theme}`);
    await expectAccessible(page, '#jupyter-aml-panel');
  });
  await start.click();
  const failed = row(panel, 'Compute', 'cpu-cluster');
  await expect(failed).toContainText('Failed');
  await expect(failed).toContainText('needs 4 cores, 2 of 8 are left');
  await failed.getByRole('button', { name: 'Fix…' }).click();
  await expect(failed.getByText('Raw: QuotaExceeded')).toBeVisible();
  await expect(failed.getByRole('row', { name: /etl-nightly/ })).toBeVisible();
  await picture(page, 'panel-refused-light');
  await expectAccessible(page, '#jupyter-aml-panel');
  await failed.getByRole('button', { name: 'Dismiss' }).click();
  await expect(failed).toBeHidden();

  service.refusals = {};
  await start.click();
  await expect(row(panel, 'Compute', 'cpu-cluster')).toBeVisible();
  await expect(start).toBeHidden();
  expect(service.asked[0]).toMatchObject({
    request: 'POST /compute',
    body: { type: 'amlcompute', name: 'cpu-cluster', maxInstances: 2 }
  });
  const run = job('cell-1', { displayName: 'untitled [1]', cellId: 'c1' });
  service.change('job', 'cell-1', run);
  await expect(panel.getByText('untitled [1]: Running')).toBeVisible();
  service.change('job', 'cell-1', {
    ...run,
    status: 'Completed',
    endedAt: NOW()
  });
  await expect(
    panel.getByRole('heading', { name: 'Your first cell has run on' })
  ).toBeVisible();
  await panel.getByRole('button', { name: 'Done' }).click();
  await expect(panel.locator('.aml-first')).toBeHidden();
});

test('a delete asks; the service goes away and comes back', async ({
  page
}) => {
  const service = busy();
  await service.install(page);
  await page.goto();
  const panel = await openPanel(page);
  await row(panel, 'Compute', 'gpu-cluster').press('Delete');
  const dialog = page.getByRole('dialog', { name: 'Delete gpu-cluster?' });
  await expect(dialog).toContainText('2 jobs are running or waiting on it');
  await expect(dialog).toContainText('$1.05/h');
  await expect(dialog.getByRole('button', { name: 'Keep it' })).toBeFocused();
  await picture(page, 'confirm-light');
  await expectAccessible(page, 'dialog');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await expect(row(panel, 'Compute', 'gpu-cluster')).toBeFocused();
  expect(service.asked).toEqual([]);

  service.goDown();
  await expect(panel.getByRole('alert')).toContainText(
    'The compute service is not running'
  );
  await expect(row(panel, 'Jobs', 'train-resnet')).toContainText(
    /Unknown.*was Running, epoch 7 of 20/
  );
  await expect(row(panel, 'Jobs', 'features-daily')).toContainText('Completed');
  await expect(
    panel.getByRole('button', { name: /not reached: Create$/ })
  ).toBeDisabled();
  await inThemes(page, async theme => {
    await picture(page, `panel-down-${theme}`);
    await expectAccessible(page, '#jupyter-aml-panel');
  });
  await panel.getByRole('button', { name: 'Show its log' }).click();
  const log = page.getByRole('dialog', { name: 'Log of the compute service' });
  await expect(log).toBeVisible();
  await expectAccessible(page, 'dialog');
  await page.keyboard.press('Escape');
  await expect(log).toBeHidden();
  service.mode = 'up';
  await panel.getByRole('button', { name: 'Start it' }).click();
  await expect(panel.getByRole('alert')).toBeHidden();
  await expect(row(panel, 'Jobs', 'train-resnet')).toContainText('Running');
});

test('who may only look; without the server part', async ({ page }) => {
  const service = busy();
  service.mayWrite = false;
  await service.install(page);
  await page.goto();
  const panel = await openPanel(page);
  await expect(panel.getByText('You can look, not change')).toBeVisible();
  await expect(panel.locator('.aml-ws')).toContainText('read only');
  const stop = row(panel, 'Compute', 'dev-box').getByRole('button', {
    name: 'You can look, not change: Stop dev-box…'
  });
  await expect(stop).toBeDisabled();
  await inThemes(page, async theme => {
    await picture(page, `panel-readonly-${theme}`);
    await expectAccessible(page, '#jupyter-aml-panel');
  });
  expect(service.asked).toEqual([]);
  const before = await palette(page);

  service.mode = 'missing';
  await page.goto();
  await openPanel(page);
  await expect(panel.getByRole('alert')).toContainText(
    'jupyter server extension enable jupyter_aml'
  );
  await inThemes(page, async theme => {
    await picture(page, `panel-missing-${theme}`);
    await expectAccessible(page, '#jupyter-aml-panel');
  });
  // Each command says what it does, and why it cannot when it cannot.
  const after = await palette(page);
  expect([...before, ...after].filter(one => !one.caption)).toEqual([]);
  const reasons = new Set(
    after.filter(one => !one.isEnabled).map(one => one.caption)
  );
  expect([...reasons]).toContain('The compute service is not reached');
  const silent = after.filter(
    one =>
      !one.isEnabled &&
      before.some(
        other =>
          other.isEnabled &&
          other.id === one.id &&
          other.caption === one.caption
      )
  );
  expect(silent).toEqual([]);
});

interface IEntry {
  id: string;
  caption: string;
  isEnabled: boolean;
}

/** Our commands, as the palette has them. */
async function palette(page: Page): Promise<IEntry[]> {
  return page.evaluate(() => {
    const { jupyterapp } = window as unknown as {
      jupyterapp: {
        commands: {
          listCommands(): string[];
          caption(id: string, args?: object): string;
          isEnabled(id: string): boolean;
        };
      };
    };
    const { commands } = jupyterapp;
    return commands
      .listCommands()
      .filter(id => id.startsWith('jupyter-aml:'))
      .map(id => ({
        id,
        caption: commands.caption(id, { value: 'x', text: 'x' }),
        isEnabled: commands.isEnabled(id)
      }));
  });
}

test('10,000 jobs: drawn as they come into sight, told of out of sight', async ({
  page
}) => {
  const service = new FakeService();
  service.jobs = Array.from({ length: 10_000 }, (_, index) =>
    job(`job-${index}`, {
      status: 'Completed',
      createdAt: AGO(100 + index),
      startedAt: AGO(90 + index),
      endedAt: AGO(60 + index)
    })
  );
  await service.install(page);
  await page.goto();
  const panel = await openPanel(page);
  const jobs = panel.getByRole('treegrid', { name: 'Jobs' });
  await expect(jobs).toHaveAttribute('aria-rowcount', '10000');
  await expect(row(panel, 'Jobs', 'job-0')).toBeVisible();
  await row(panel, 'Jobs', 'job-0').focus();
  await page.keyboard.press('End');
  await expect(row(panel, 'Jobs', 'job-9999')).toBeFocused();
  await expect(row(panel, 'Jobs', 'job-9999')).toBeInViewport();
  expect(await jobs.getByRole('row').count()).toBeLessThan(80);
  await expectAccessible(page, '#jupyter-aml-panel');
  await page.keyboard.press('Home');
  await expect(row(panel, 'Jobs', 'job-0')).toBeFocused();

  await panel.getByRole('button', { name: 'Filter Jobs' }).click();
  await page.keyboard.type('job-777');
  await expect(panel.getByText('11 of 10000')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(jobs).toHaveAttribute('aria-rowcount', '10000');

  const run = job('train', { createdAt: AGO(60), startedAt: AGO(60) });
  service.change('job', 'train', run);
  await expect(row(panel, 'Jobs', 'train')).toContainText('Running');
  service.change('job', 'train', {
    ...run,
    status: 'Failed',
    cause: 'out of memory, line 12',
    endedAt: NOW()
  });
  const notice = page.locator('.Toastify__toast');
  await expect(notice).toContainText('train: Failed');
  await expect(notice).toContainText('out of memory, line 12');
  await picture(page, 'notice-light');
  await notice.getByRole('button', { name: 'Open job' }).click();
  await expect(page.locator('.aml-view')).toBeVisible();
});
