/** The graph of a pipeline's steps, with a service in the test's hands. */
import { expect, test } from '@jupyterlab/galata';
import { execute, expectAccessible, inThemes, picture } from './screen';
import { pipeline } from './scenes/pipeline';

test.use({ autoGoto: false });

test('a pipeline: its graph by keyboard, its list, a step, and back', async ({
  page
}) => {
  await pipeline().install(page);
  await page.goto('');
  await execute(page, 'jupyter-aml:open-job', { name: 'churn' });
  const view = page.locator('.aml-view:visible');
  await expect(
    view.getByText('2 of 7 steps completed, 1 reused')
  ).toBeVisible();
  const graph = view.getByRole('group', { name: /^Graph of 7 steps/ });
  const node = (name: string) => graph.locator(`[data-step="${name}"]`);
  await expect(node('prep')).toContainText('reused from churn-monday-prep');
  await expect(node('notify')).toContainText('good is true');

  await node('prep').focus();
  await page.keyboard.press('ArrowRight');
  await expect(node('features')).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(node('train')).toBeFocused();
  await inThemes(page as never, async theme => {
    await picture(page, `pipeline-${theme}`);
    await expectAccessible(page, '.aml-view');
  });
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await expect(view.getByText('notify has no job: good is true')).toBeVisible();

  await view.getByRole('button', { name: 'List' }).click();
  const table = view.getByRole('table', { name: 'Steps' });
  await expect(table).toContainText('prep.data');
  await picture(page, 'pipeline-list-light');
  await expectAccessible(page, '.aml-view');
  await view.getByRole('button', { name: 'Graph' }).click();
  await node('features').click();
  const shown = page.locator('.aml-view:visible');
  await expect(
    shown.getByRole('heading', { name: 'churn-features' })
  ).toBeVisible();
  const back = shown.getByRole('navigation', { name: 'Part of' });
  await back.getByRole('button', { name: 'churn' }).click();
  await expect(graph).toBeVisible();
});

test('a graph in little room, and from right to left', async ({ page }) => {
  await pipeline().install(page);
  await page.setViewportSize({ width: 700, height: 900 });
  await page.goto('');
  await execute(page, 'jupyter-aml:open-job', { name: 'churn' });
  const graph = page.getByRole('group', { name: /^Graph of 7 steps/ });
  const box = async (name: string) =>
    (await graph.locator(`[data-step="${name}"]`).boundingBox())!;
  await expect(graph.locator('[data-step="train"]')).toBeVisible();
  // It is laid out again once it knows its width.
  await expect
    .poll(async () => (await box('train')).y - (await box('prep')).y)
    .toBeGreaterThan(20);
  await picture(page, 'pipeline-narrow-light');
  await page.evaluate(() => {
    document.documentElement.dir = 'rtl';
  });
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect
    .poll(async () => (await box('train')).x < (await box('prep')).x)
    .toBe(true);
  await picture(page, 'pipeline-rtl');
});
