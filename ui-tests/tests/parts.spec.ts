/** Jobs made of others, a sweep and a pipeline, with a service in the test's hands. */
import { expect, test } from '@jupyterlab/galata';
import type { Page } from '@playwright/test';
import type { FakeService } from './fake';
import {
  execute,
  expectAccessible,
  expectNoOverflow,
  inThemes,
  openPanel,
  picture,
  row
} from './screen';
import { sweep } from './scenes/sweep';

test.use({ autoGoto: false });

async function open(page: Page, fake: FakeService, name: string) {
  await fake.install(page);
  await page.goto('');
  await execute(page, 'jupyter-aml:open-job', { name });
  const view = page.locator('.aml-view:visible');
  await expect(view.getByRole('heading', { name, exact: true })).toBeVisible();
  return view;
}

test('a sweep: trials, the best of them, a plot, and the way back', async ({
  page
}) => {
  const view = await open(page, sweep(), 'tune');
  await expect(view.getByText('6 of 20 trials ended')).toBeVisible();
  const grid = view.getByRole('grid', { name: 'Trials' });
  await expect(grid.getByRole('row')).toHaveCount(10);
  await expect(grid).toContainText('the best had 0.91 by then');
  await expect(
    view.getByRole('img', { name: /accuracy of 6 trials.* best is trial 3/ })
  ).toBeVisible();
  await grid.locator('[data-trial="tune_1"]').click();
  await inThemes(page as never, async theme => {
    await picture(page, `sweep-${theme}`);
    await expectAccessible(page, '.aml-view');
  });

  await view.getByRole('button', { name: 'Parallel coordinates' }).click();
  await expect(
    view.getByRole('img', { name: /learning_rate, depth, booster/ })
  ).toBeVisible();
  await picture(page, 'sweep-parallel-light');
  await expectAccessible(page, '.aml-view');
  await page.setViewportSize({ width: 700, height: 900 });
  await picture(page, 'sweep-narrow-light');
  await page.setViewportSize({ width: 1440, height: 900 });

  await grid.getByRole('button', { name: 'accuracy' }).click();
  await grid.getByRole('button', { name: 'accuracy' }).click();
  await expect(grid.locator('[data-trial]').first()).toContainText('best');
  await grid.locator('[data-trial]').first().focus();
  await page.keyboard.press('End');
  await expect(grid.locator('[data-trial="tune_5"]')).toBeFocused();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  const shown = page.locator('.aml-view:visible');
  await expect(shown.getByRole('heading', { name: 'tune_3' })).toBeVisible();
  await picture(page, 'sweep-trial-light');
  await expectAccessible(page, '.aml-view');
  const back = shown.getByRole('navigation', { name: 'Part of' });
  await back.getByRole('button', { name: 'tune' }).click();
  await expect(grid).toBeVisible();
});

test('parts are below the whole in the panel', async ({ page }) => {
  const fake = sweep();
  fake.answers['/jobs'] = { value: fake.jobs.slice(0, 1), next: '' };
  await fake.install(page);
  await page.goto('');
  const panel = await openPanel(page);
  await expect(row(panel, 'Jobs', 'tune')).toContainText('sweep');
  await expect(row(panel, 'Jobs', 'tune_3')).toHaveCount(0);
  fake.answers['/jobs'] = { value: fake.jobs.slice(1), next: '' };
  await row(panel, 'Jobs', 'tune').press('ArrowRight');
  const parts = panel.getByRole('list', { name: 'Parts' });
  await expect(parts).toContainText('Completed');
  await expectAccessible(page, '#jupyter-aml-panel');
  await expectNoOverflow(panel);
  await parts.getByRole('button', { name: 'tune_3' }).click();
  await expect(
    page.locator('.aml-view:visible').getByRole('heading', { name: 'tune_3' })
  ).toBeVisible();
});
