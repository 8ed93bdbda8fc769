/** A command line as a job, asked for by its form, on a real service. */
import { expect, test } from '@jupyterlab/galata';
import { expectAccessible, inThemes, openPanel, picture } from './screen';

const LONG = { timeout: 60_000 };

test('a new job from the panel: checked, run, and its log', async ({
  page
}) => {
  const panel = await openPanel(page);
  await panel.getByRole('button', { name: 'New Job…' }).click();
  const form = page.getByRole('dialog', { name: 'New job' });
  const run = form.getByRole('button', { name: 'Run job' });
  await expect(form.getByLabel('Command')).toBeFocused();
  await expect(form.getByRole('status')).toHaveText(
    'Type the command that is to run.'
  );
  await expect(run).toBeDisabled();
  await page.keyboard.type('echo sum $((40 + TWO))');
  await form.getByLabel('Compute').selectOption('local');
  await form.getByLabel('Name', { exact: true }).fill('adds up');
  await form.getByText('More: inputs, variables, limits').click();
  await form.getByLabel(/^Environment variables/).fill('TWO');
  await expect(form.getByRole('status')).toHaveText('“TWO” is no NAME=VALUE.');
  await form.getByLabel(/^Environment variables/).fill('TWO=2');
  const before = form.getByRole('group', { name: 'Before it runs' });
  await expect(before).toContainText('free', LONG);
  await inThemes(page, async theme => {
    await picture(page, `new-job-${theme}`);
    await expectAccessible(page, 'dialog');
  });
  await form.getByRole('button', { name: 'Job file' }).click();
  await expect(form.getByText('Copied')).toBeVisible();
  await run.click();
  const view = page.locator('.aml-view:visible');
  await expect(view.getByRole('log')).toContainText('sum 42', LONG);
  await expect(view.getByText('Completed').first()).toBeVisible(LONG);
  await expect(
    panel.getByRole('treegrid', { name: 'Jobs' }).getByText('adds up')
  ).toBeVisible();
});
