/**
 * The main job, end to end, on a real service: a cluster, a cell that runs there from its button,
 * what comes back, its log, cancel, delete.
 */
import { expect, test } from '@jupyterlab/galata';
import type { APIRequestContext, Locator, Page } from '@playwright/test';
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
const READY = /Python 3 \(ipykernel\) \| Idle/;

/** Press Tab until something has the focus. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  const isFocused = () =>
    target.evaluate(node => node === document.activeElement);
  for (let presses = 0; presses < 60 && !(await isFocused()); presses += 1) {
    await page.keyboard.press('Tab');
  }
  await expect(target).toBeFocused();
}

/** Find a command in the palette and run it. */
async function command(page: Page, label: string): Promise<void> {
  await page.keyboard.press('Control+Shift+C');
  await expect(page.locator('.lm-CommandPalette-input')).toBeFocused();
  await page.keyboard.type(label);
  await expect(
    page.locator('.lm-CommandPalette-item.lm-mod-active')
  ).toContainText(label);
  await page.keyboard.press('Enter');
}

/** What an earlier attempt left is no first run: jobs are put away, clusters deleted. */
async function emptyWorkspace(request: APIRequestContext): Promise<void> {
  const api = '/jupyter-aml/api/v1';
  const list = async (path: string) =>
    (await (await request.get(`${api}${path}`)).json()).value;
  for (const { spec } of await list('/compute')) {
    if (spec.type !== 'local') {
      await request.delete(`${api}/compute/${spec.name}`);
    }
  }
  await expect.poll(() => list('/jobs?status=active')).toEqual([]);
  await expect.poll(async () => (await list('/compute')).length).toBe(1);
  for (const { name } of await list('/jobs')) {
    await request.post(`${api}/jobs/${name}/archive`);
  }
}

/** The sample's second cell has run on the cluster, and what it computed came back. */
async function expectSampleRan(page: Page): Promise<void> {
  await expect(output(page, 2)).toContainText(/process \d+/, LONG);
  await expect(output(page, 2)).toContainText('45', LONG);
  await expect(output(page, 3)).toContainText('90', LONG);
}

test('first run by keyboard alone, until everything is deleted again', async ({
  page
}) => {
  await emptyWorkspace(page.request);
  await command(page, 'Show Azure ML Panel');
  const panel = page.locator('#jupyter-aml-panel');
  await expect(
    panel.getByRole('button', { name: `Start ${CLUSTER}` })
  ).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(row(panel, 'Compute', CLUSTER)).toContainText('Idle');
  await expect(
    panel.getByRole('button', { name: 'Open the sample notebook' })
  ).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByText(READY)).toBeVisible(LONG);
  await command(page, 'Run All Cells');
  await expectSampleRan(page);
  await expect(
    panel.getByRole('heading', { name: `has run on ${CLUSTER}` })
  ).toBeVisible(LONG);
  await picture(page, 'real-first-run-light');

  await command(page, 'Show Azure ML Panel');
  const jobs = panel.getByRole('treegrid', { name: 'Jobs' });
  await tabTo(page, jobs.getByRole('row').first());
  await page.keyboard.press('Shift+F10');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(page.locator('.lm-Menu-item.lm-mod-active')).toHaveText(
    'Archive Job'
  );
  await page.keyboard.press('Enter');
  await expect(jobs).toHaveCount(0);

  await command(page, 'Show Azure ML Panel');
  const computes = panel.getByRole('treegrid', { name: 'Compute' });
  await tabTo(page, computes.locator('[tabindex="0"]'));
  await page.keyboard.type('c');
  await expect(row(panel, 'Compute', CLUSTER)).toBeFocused();
  await page.keyboard.press('Delete');
  const dialog = page.getByRole('dialog', { name: `Delete ${CLUSTER}?` });
  await expect(dialog.getByRole('button', { name: 'Keep it' })).toBeFocused();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(row(panel, 'Compute', CLUSTER)).toHaveCount(0, LONG);
});

test('first run by mouse, from the card to the sample', async ({ page }) => {
  await emptyWorkspace(page.request);
  await page.getByRole('tab', { name: 'Azure ML' }).click();
  const panel = page.locator('#jupyter-aml-panel');
  await panel.getByRole('button', { name: `Start ${CLUSTER}` }).click();
  await expect(row(panel, 'Compute', CLUSTER)).toContainText('Idle');
  await picture(page, 'real-panel-light');
  await expectAccessible(page, '#jupyter-aml-panel');
  await panel.getByRole('button', { name: 'Open the sample notebook' }).click();
  await expect(page.getByText(READY)).toBeVisible(LONG);
  await page.menu.clickMenuItem('Run>Run All Cells');
  await expectSampleRan(page);
  await panel.getByRole('button', { name: 'Done', exact: true }).click();
  await expect(panel.locator('.aml-first')).toHaveCount(0);
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

test('a typed line is enough: who puts it on top of a cell has the magic', async ({
  page
}) => {
  await newNotebook(
    page,
    'typed.ipynb',
    `%%aml -c ${CLUSTER}\nprint("typed", 6 * 7)`
  );
  await page.notebook.runCell(0);
  await expect(output(page, 0)).toContainText('typed 42', LONG);
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
