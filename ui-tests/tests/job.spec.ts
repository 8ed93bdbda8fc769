/** The job view: of a running, a failed and a two-node job, with a service in the test's hands. */
import { expect, test } from '@jupyterlab/galata';
import type { Page } from '@playwright/test';
import type { FakeService } from './fake';
import { execute, expectAccessible, inThemes, picture } from './screen';
import { failed, running } from './scenes/job';

test.use({ autoGoto: false });

async function open(page: Page, fake: FakeService, name: string) {
  await fake.install(page);
  await page.goto('');
  await execute(page, 'jupyter-aml:open-job', { name });
  const view = page.locator('.aml-view:visible');
  await expect(view.getByRole('heading', { name })).toBeVisible();
  return view;
}

test('a running job of two nodes: log, search, sources', async ({ page }) => {
  const view = await open(page, running(), 'train-resnet');
  const log = view.getByRole('log');
  await expect(log).toContainText('epoch 401');
  await expect(view.getByText('407 lines')).toBeVisible();
  await expect(view.locator('.aml-stages')).toContainText(
    '0:41, usually 0:20 to 0:40'
  );
  await expect(view.getByText('epoch 7 of 20').first()).toBeVisible();
  await expect(view.getByText('1.3 of 2 cores, 1.4')).toHaveCount(2);
  await expect(
    view.getByRole('img', { name: /train_loss goes from/ })
  ).toBeVisible();
  await inThemes(page as never, async theme => {
    await picture(page, `job-running-${theme}`);
    await expectAccessible(page, '.aml-view');
  });

  await view.getByRole('searchbox').fill('warn');
  await expect(view.getByText('2 hits')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(view.getByText('1 of 2')).toBeVisible();
  await expect(log.locator('.hit mark')).toHaveText('warn');
  await page.keyboard.press('F3');
  await expect(log.locator('.hit')).toContainText('worker 2');
  await view.getByLabel('Source').selectOption('node 1');
  await expect(view.getByText('1 hit', { exact: true })).toBeVisible();
  await view.getByLabel('Source').selectOption('all nodes');
  await view.getByRole('searchbox').fill('');

  await log.focus();
  await page.keyboard.press('Home');
  await expect(view.getByLabel('Follow')).not.toBeChecked();
  await expect(log).toContainText('epoch 1 ');
  await page.keyboard.press('End');
  await expect(view.getByLabel('Follow')).toBeChecked();
  await expect(log).toContainText('epoch 401');
  await view.getByLabel('Wrap').check();
  await expect(log).toContainText('epoch 401');
  await expect(view.getByLabel('Follow')).toBeChecked();
});

test('the other tabs of a job, by keyboard', async ({ page }) => {
  const view = await open(page, running(), 'train-resnet');
  await view.getByRole('tab', { name: 'Logs' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(view.getByRole('tab', { name: 'Outputs 3' })).toBeFocused();
  await expect(view.getByRole('table', { name: 'Outputs' })).toContainText(
    'stays there: above 50 MB'
  );
  await expect(view.getByRole('button', { name: 'resnet:3' })).toBeVisible();
  await expect(view.getByText('a table of it')).toBeVisible();
  await picture(page, 'job-outputs-light');
  await page.keyboard.press('ArrowRight');
  await expect(view.getByRole('table', { name: 'Metrics' })).toContainText(
    'val_loss'
  );
  await expect(view.getByRole('table', { name: 'Metrics' })).toContainText(
    'val_accuracy'
  );
  await expect(view.getByRole('table', { name: 'Parameters' })).toContainText(
    'max_depth'
  );
  await view.getByLabel('Compare with').selectOption('train-before');
  await expect(view.getByRole('table', { name: 'Comparison' })).toContainText(
    'Completed'
  );
  await picture(page, 'job-metrics-light');
  await expectAccessible(page, '.aml-view');
  await view.getByRole('tab', { name: 'Inputs & environment' }).click();
  await expect(view.getByText('df, params')).toBeVisible();
  await picture(page, 'job-inputs-light');
  await expectAccessible(page, '.aml-view');
  await page.keyboard.press('End');
  await expect(view.getByText('pd.get_dummies').first()).toBeVisible();
  await view.getByRole('button', { name: 'CLI' }).click();
  await expect(view.getByText('jupyter aml job stream')).toBeVisible();
  await picture(page, 'job-code-light');
  await expectAccessible(page, '.aml-view');
});

test('a failed job: cause, where, fix, raw', async ({ page }) => {
  const view = await open(page, failed(), 'train-xgb');
  const alert = view.getByRole('alert');
  await expect(alert).toContainText('14.2 of 14 GB');
  await expect(alert).toContainText('churn.ipynb, [7], line 4');
  await expect(alert.locator('.hit')).toContainText('get_dummies');
  await expect(
    alert.getByRole('button', { name: 'Run again on cpu-big, 28 GB, $0.37/h' })
  ).toBeVisible();
  await expect(view.locator('.aml-stages .bad')).toContainText('failed after');
  await expect(
    view.getByText('Outputs', { exact: true }).first()
  ).toBeVisible();
  await inThemes(page as never, async theme => {
    await picture(page, `job-failed-${theme}`);
    await expectAccessible(page, '.aml-view');
  });
});
