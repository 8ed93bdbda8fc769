/**
 * The main job, end to end, on a real service: a cluster, a cell that runs there from its button,
 * what comes back, its log, cancel, delete.
 */
import { expect, test } from '@jupyterlab/galata';
import {
  cell,
  COUNT,
  newNotebook,
  output,
  prompt,
  runOnCompute,
  startCounting,
  strip
} from './notebook';
import { expectAccessible, openPanel, picture, row } from './screen';

test.describe.configure({ mode: 'serial' });

const CLUSTER = 'cpu-cluster';
const LONG = { timeout: 60_000 };

test('start a cluster from the first-run card', async ({ page }) => {
  const panel = await openPanel(page);
  await panel.getByRole('button', { name: `Start ${CLUSTER}` }).click();
  await expect(row(panel, 'Compute', CLUSTER)).toContainText('Idle');
  await picture(page, 'real-panel-light');
  await expectAccessible(page, '#jupyter-aml-panel');
});

test('run cells there from their button; variables come back', async ({
  page
}) => {
  await newNotebook(
    page,
    'run.ipynb',
    `%%aml -c ${CLUSTER}\nbase = 20`,
    'print("sum", base + 22)\ntotal = base + 22\ntotal',
    'total + 1'
  );
  await runOnCompute(page, 0);
  await expect(prompt(page, 0)).toHaveText('[1]:', LONG);
  await runOnCompute(page, 1);
  // The magic stands in the cell, for everybody to read, with the compute of the cell above.
  await expect(cell(page, 1).locator('.jp-Editor')).toContainText(
    `%%aml -c ${CLUSTER}`
  );
  await expect(prompt(page, 1)).toHaveText('[2]:', LONG);
  await expect(output(page, 1)).toContainText('sum 42');
  await page.notebook.runCell(2);
  await expect(output(page, 2)).toContainText('43');
});

test('cancel from the panel ends the job, and cell and log say so', async ({
  page
}) => {
  await newNotebook(page, 'cancel.ipynb', COUNT);
  await startCounting(page);
  await expect(strip(page, 0)).toContainText('Running');
  const panel = await openPanel(page);
  const job = panel
    .getByRole('treegrid', { name: 'Jobs' })
    .getByRole('row', { name: /cancel \[1\]/ });
  await expect(job).toContainText('Running');
  await job.getByRole('button', { name: /^Cancel/ }).click();
  await expect(job).toContainText('Canceled', LONG);
  await expect(prompt(page, 0)).toHaveText('[1]:');
  await expect(strip(page, 0)).toContainText('Canceled');
  await job.press('Enter');
  const view = page.locator('.aml-view');
  await expect(view.getByRole('log')).toContainText('tick 3');
  await expect(view.getByText('Canceled').first()).toBeVisible();
  await picture(page, 'real-job-light');
  await expectAccessible(page, '.aml-view');
});

test('delete the cluster: what is lost is said first', async ({ page }) => {
  const panel = await openPanel(page);
  await row(panel, 'Compute', CLUSTER).press('Delete');
  const dialog = page.getByRole('dialog', { name: `Delete ${CLUSTER}?` });
  await expect(dialog).toContainText('jobs and their outputs are kept');
  await dialog.getByRole('button', { name: `Delete ${CLUSTER}` }).click();
  await expect(row(panel, 'Compute', CLUSTER)).toHaveCount(0, LONG);
});
