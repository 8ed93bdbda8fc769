/** Every state of the screens, over a service in the test's hands. */
import { expect, test } from '@jupyterlab/galata';
import { AGO, compute, FakeService, job, node, story } from './fake';
import {
  expectAccessible,
  expectNoOverflow,
  inThemes,
  openPanel,
  picture,
  row
} from './screen';

test.use({ autoGoto: false });

function busy(): FakeService {
  const service = new FakeService();
  service.computes.push(
    compute(
      {
        type: 'amlcompute',
        name: 'gpu-cluster',
        size: 'Standard_NC4as_T4_v3',
        maxInstances: 4
      },
      {
        state: 'Resizing',
        currentNodes: 1,
        targetNodes: 2,
        runningJobs: 1,
        pricePerHour: 1.05,
        rehearsal: true
      }
    ),
    compute(
      {
        type: 'amlcompute',
        name: 'cpu-cluster',
        size: 'Standard_DS3_v2',
        maxInstances: 4
      },
      { pricePerHour: 0, rehearsal: true }
    ),
    compute(
      { type: 'computeinstance', name: 'dev-box', size: 'Standard_DS3_v2' },
      {
        state: 'Running',
        currentNodes: 1,
        pricePerHour: 0.293,
        rehearsal: true
      }
    ),
    compute(
      {
        type: 'computeinstance',
        name: 'dana-gpu',
        size: 'Standard_NC4as_T4_v3'
      },
      { state: 'Stopped', reason: 'since Tue; disk kept', pricePerHour: 0 }
    ),
    compute(
      { type: 'amlcompute', name: 'cpu-big', size: 'Standard_DS5_v2' },
      { state: 'Failed', error: 'Quota: cpu-big needs 32 cores, 12 are left' }
    )
  );
  service.nodes.push(
    node('gpu-cluster', 'node-1', 'running'),
    node('gpu-cluster', 'node-2', 'preparing')
  );
  service.jobs.push(
    job('train-resnet', { progress: 0.35, statusReason: 'epoch 7 of 20' }),
    job('tune-lr-4', {
      status: 'Queued',
      startedAt: null,
      createdAt: AGO(108),
      statusReason: '2nd in line for gpu-cluster'
    }),
    job('features-daily', {
      status: 'Completed',
      createdAt: AGO(5000),
      startedAt: AGO(4972),
      endedAt: AGO(4600),
      listPrice: 0.03
    }),
    job('train-xgb', {
      status: 'Failed',
      createdAt: AGO(9000),
      startedAt: AGO(8800),
      endedAt: AGO(8000),
      error: {
        code: 'JobFailed',
        message: 'Out of memory: the cell used 14.2 of 14 GB and was stopped',
        target: 'churn.ipynb, cell 7, line 12',
        hint: 'Choose a larger size: `%aml compute sizes`',
        details: ['signal 9', 'peak 14.2 GB']
      }
    })
  );
  service.events['train-resnet'] = story(
    { kind: 'status', status: 'Queued', reason: '2nd in line' },
    { kind: 'status', status: 'Preparing' },
    { kind: 'status', status: 'Running' },
    ...Array.from({ length: 400 }, (_, index) => ({
      text: `epoch ${index + 1}  train 0.${90 - (index % 50)}  val 1.14\n`
    })),
    { kind: 'stderr', text: 'warning: DataLoader worker 1 slow\n' }
  );
  service.events['train-xgb'] = story(
    { kind: 'status', status: 'Queued' },
    { kind: 'status', status: 'Preparing' },
    { kind: 'status', status: 'Running' },
    { text: 'read 24 files\nconcat: 31.2 M rows\n' },
    { kind: 'error', ename: 'MemoryError', traceback: ['MemoryError'] },
    { kind: 'status', status: 'Failed', reason: 'OutOfMemory' }
  );
  return service;
}

test('the busy panel, in three themes and two widths', async ({ page }) => {
  await busy().install(page);
  await page.goto();
  const panel = await openPanel(page);
  await expect(row(panel, 'Compute', 'gpu-cluster')).toContainText(
    'Scaling 1 to 2 of 4'
  );
  await expect(row(panel, 'Jobs', 'train-xgb')).toContainText('Out of memory');
  await expect(panel.locator('.aml-cost')).toContainText('$1.34 per hour');
  await expect(panel.locator('.aml-cost')).toContainText('would be, in Azure');
  await inThemes(page, async theme => {
    await picture(page, `panel-busy-${theme}`);
    await expectAccessible(page, '#jupyter-aml-panel');
  });
  await expectNoOverflow(panel);
  await page.sidebar.setWidth(300, 'left');
  await picture(page, 'panel-busy-300');
  // JupyterLab's "Increase UI Font Size", which also makes the panel narrow in its own measure.
  await page.evaluate(() =>
    document.body.style.setProperty('--jp-ui-font-size1', '18px')
  );
  await picture(page, 'panel-busy-font18');
  await expectNoOverflow(panel);
});

test('the list by keyboard alone', async ({ page }) => {
  const service = busy();
  await service.install(page);
  await page.goto();
  const panel = await openPanel(page);
  const jobs = panel.getByRole('treegrid', { name: 'Jobs' });
  await jobs.locator('[tabindex="0"]').focus();
  await page.keyboard.press('End');
  await expect(row(panel, 'Jobs', 'train-xgb')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(jobs.getByText('churn.ipynb, cell 7, line 12')).toBeVisible();
  await picture(page, 'panel-details-light');
  await expectAccessible(page, '#jupyter-aml-panel');
  await page.keyboard.press('ArrowLeft');
  await expect(jobs.getByText('churn.ipynb, cell 7')).toBeHidden();
  await page.keyboard.press('f');
  await expect(row(panel, 'Jobs', 'features-daily')).toBeFocused();
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

test('first run: one button, then the cluster', async ({ page }) => {
  const service = new FakeService();
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
  await expect(row(panel, 'Compute', 'cpu-cluster')).toBeVisible();
  await expect(start).toBeHidden();
  expect(service.asked[0]).toMatchObject({
    request: 'POST /compute',
    body: { type: 'amlcompute', name: 'cpu-cluster', maxInstances: 2 }
  });
});

test('a refused create stays as a row with its cause', async ({ page }) => {
  const service = new FakeService();
  service.refusals['POST /compute'] = {
    code: 'QuotaExceeded',
    message: 'Quota: cpu-cluster needs 4 cores, 2 are left',
    hint: 'Choose a smaller size: `%aml compute sizes`'
  };
  await service.install(page);
  await page.goto();
  const panel = await openPanel(page);
  await panel.getByRole('button', { name: 'Start cpu-cluster' }).click();
  const failed = row(panel, 'Compute', 'cpu-cluster');
  await expect(failed).toContainText('Failed');
  await expect(failed).toContainText('needs 4 cores, 2 are left');
  await failed.press('ArrowRight');
  await expect(failed.getByText('Raw: QuotaExceeded')).toBeVisible();
  await picture(page, 'panel-refused-light');
  await failed.getByRole('button', { name: 'Dismiss' }).click();
  await expect(failed).toBeHidden();
});

test('a delete says what is lost, and the safe answer has the focus', async ({
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
});

test('the service goes away and comes back', async ({ page }) => {
  const service = busy();
  await service.install(page);
  await page.goto();
  const panel = await openPanel(page);
  await expect(row(panel, 'Jobs', 'train-resnet')).toContainText('Running');
  service.goDown();
  await expect(panel.getByRole('alert')).toContainText(
    'The compute service is not running'
  );
  await expect(row(panel, 'Jobs', 'train-resnet')).toContainText(
    /Unknown.*was Running/
  );
  await expect(row(panel, 'Jobs', 'features-daily')).toContainText('Completed');
  await inThemes(page, async theme => {
    await picture(page, `panel-down-${theme}`);
    await expectAccessible(page, '#jupyter-aml-panel');
  });
  service.mode = 'up';
  await panel.getByRole('button', { name: 'Start it' }).click();
  await expect(panel.getByRole('alert')).toBeHidden();
  await expect(row(panel, 'Jobs', 'train-resnet')).toContainText('Running');
});

test('without the server part: one banner with the command', async ({
  page
}) => {
  const service = new FakeService();
  service.mode = 'missing';
  await service.install(page);
  await page.goto();
  const panel = await openPanel(page);
  await expect(panel.getByRole('alert')).toContainText(
    'jupyter server extension enable jupyter_aml'
  );
  await picture(page, 'panel-missing-light');
  await expectAccessible(page, '#jupyter-aml-panel');
});

test('a job and its log', async ({ page }) => {
  const service = busy();
  await service.install(page);
  await page.goto();
  const panel = await openPanel(page);
  await row(panel, 'Jobs', 'train-resnet').press('Enter');
  const view = page.locator('.aml-view');
  await expect(view.getByRole('log')).toContainText('DataLoader worker 1 slow');
  await expect(view.getByText('404 lines')).toBeVisible();
  await inThemes(page, async theme => {
    await picture(page, `job-running-${theme}`);
    await expectAccessible(page, '.aml-view');
  });
  await view.getByRole('log').focus();
  await page.keyboard.press('Home');
  await expect(view.getByRole('log')).toContainText('epoch 1 ');
  await expect(view.getByLabel('Follow')).not.toBeChecked();
  await page.keyboard.press('End');
  await expect(view.getByLabel('Follow')).toBeChecked();

  await row(panel, 'Jobs', 'train-xgb').press('Enter');
  const failed = page.locator('.aml-view:visible');
  await expect(failed.getByRole('alert')).toContainText('14.2 of 14 GB');
  await picture(page, 'job-failed-light');
  await expectAccessible(page, '.aml-view');
});
