/**
 * The main job, end to end, on a real service: a cluster, a cell that runs there from its button,
 * its output across a reload and a closed browser, cancel, the log, delete.
 */
import { expect, IJupyterLabPageFixture, test } from '@jupyterlab/galata';
import type { Locator, Page } from '@playwright/test';
import { execute, expectAccessible, openPanel, picture, row } from './screen';

test.describe.configure({ mode: 'serial' });
// What the page keeps must survive a reload.
test.use({ mockState: false });

const CLUSTER = 'cpu-cluster';

/** A cell that says a number a second, so that a test can leave and come back while it runs. */
const COUNT = (last: number) =>
  `import time\nfor number in range(${last}):\n    print("tick", number, flush=True)\n    time.sleep(1)\nnumber * 100`;

async function kernelIsIdle(page: Page): Promise<void> {
  await expect(page.getByText(/Python 3 \(ipykernel\) \| Idle/)).toBeVisible({
    timeout: 60_000
  });
}

function output(page: Page, cell: number): Locator {
  return page
    .locator('.jp-Notebook .jp-CodeCell')
    .nth(cell)
    .locator('.jp-Cell-outputArea');
}

function strip(page: Page, cell: number): Locator {
  return page
    .locator('.jp-Notebook .jp-CodeCell')
    .nth(cell)
    .locator('.aml-run');
}

async function runOnCompute(
  page: IJupyterLabPageFixture,
  cell: number
): Promise<void> {
  await page.notebook.selectCells(cell);
  await page
    .locator('.jp-cell-toolbar [data-command="jupyter-aml:run-cell"]')
    .click();
}

/** Each tick once, in order: nothing lost, nothing doubled. */
async function expectTicks(out: Locator, count: number): Promise<void> {
  await expect(out).toContainText(`tick ${count - 1}`, { timeout: 60_000 });
  const text = await out.innerText();
  const ticks = Array.from(text.matchAll(/tick (\d+)/g), match =>
    Number(match[1])
  );
  expect(ticks).toEqual(Array.from({ length: count }, (_, index) => index));
}

test('start a cluster from the first-run card', async ({ page }) => {
  const panel = await openPanel(page);
  await panel.getByRole('button', { name: `Start ${CLUSTER}` }).click();
  await expect(row(panel, 'Compute', CLUSTER)).toContainText('Idle');
  await picture(page, 'real-panel-light');
  await expectAccessible(page, '#jupyter-aml-panel');
});

test('run a cell there from its button; output comes as it is printed', async ({
  page
}) => {
  await page.notebook.createNew('run.ipynb');
  await kernelIsIdle(page);
  await page.notebook.setCell(0, 'code', `%%aml -c ${CLUSTER}\nbase = 20`);
  await page.notebook.addCell(
    'code',
    `print("sum", base + 22)\ntotal = base + 22\ntotal`
  );
  await page.notebook.addCell('code', 'total + 1');
  await runOnCompute(page, 0);
  await expect(
    page.locator('.jp-CodeCell').nth(0).locator('.jp-InputPrompt')
  ).toHaveText('[1]:', { timeout: 60_000 });
  await runOnCompute(page, 1);
  const cells = page.locator('.jp-Notebook .jp-CodeCell');
  // The magic stands in the cell, for everybody to read.
  await expect(cells.nth(1).locator('.jp-Editor')).toContainText(
    `%%aml -c ${CLUSTER}`
  );
  await expect(output(page, 1)).toContainText('sum 42', { timeout: 60_000 });
  await expect(output(page, 1)).toContainText('42');
  await page.notebook.runCell(2);
  await expect(output(page, 2)).toContainText('43');
  await page.notebook.save();
});

test('a reload in the middle loses and doubles nothing', async ({ page }) => {
  await page.notebook.createNew('reload.ipynb');
  await kernelIsIdle(page);
  await page.notebook.setCell(0, 'code', COUNT(12));
  await runOnCompute(page, 0);
  await expect(output(page, 0)).toContainText('tick 2', { timeout: 60_000 });
  await expect(strip(page, 0)).toContainText('Running');
  await picture(page, 'real-cell-running-light');
  await page.notebook.save();
  await page.reload({ waitForIsReady: false } as never);
  await expect(strip(page, 0)).toContainText('Reattached, nothing missed', {
    timeout: 60_000
  });
  await expect(output(page, 0)).toContainText('tick 5', { timeout: 60_000 });
  await picture(page, 'real-cell-reattached-light');
  await expectTicks(output(page, 0), 12);
  await expect(output(page, 0)).toContainText('1100');
  await expect(strip(page, 0)).toContainText('Completed');
  await expectAccessible(page, '.aml-run');
});

test('a closed browser finds the output whole', async ({
  page,
  browser,
  baseURL,
  tmpPath
}) => {
  await page.notebook.createNew('closed.ipynb');
  await kernelIsIdle(page);
  await page.notebook.setCell(0, 'code', COUNT(8));
  await runOnCompute(page, 0);
  await expect(output(page, 0)).toContainText('tick 1', { timeout: 60_000 });
  await page.notebook.save();
  await page.close();

  const context = await browser.newContext({ baseURL });
  const again = await context.newPage();
  await again.goto(`/lab/tree/${tmpPath}/closed.ipynb?reset`);
  await expectTicks(output(again, 0), 8);
  await expect(output(again, 0)).toContainText('700');
  await context.close();
});

test('a copied cell and a copied notebook fetch nothing', async ({
  page,
  tmpPath
}) => {
  await page.notebook.createNew('original.ipynb');
  await kernelIsIdle(page);
  await page.notebook.setCell(0, 'code', COUNT(8));
  await runOnCompute(page, 0);
  await expect(output(page, 0)).toContainText('tick 1', { timeout: 60_000 });
  await execute(page, 'notebook:copy-cell');
  await execute(page, 'notebook:paste-cell-below');
  await page.notebook.save();
  const path = `/api/contents/${tmpPath}`;
  const file = await (await page.request.get(`${path}/original.ipynb`)).json();
  const copied = await page.request.put(`${path}/copy.ipynb`, {
    data: { type: 'notebook', format: 'json', content: file.content }
  });
  expect(copied.ok()).toBe(true);

  await page.reload({ waitForIsReady: false } as never);
  await expectTicks(output(page, 0), 8);
  await expect(strip(page, 0)).toContainText('Reattached');
  await expect(strip(page, 1)).toHaveCount(0);
  await expect(output(page, 1)).not.toContainText('tick 7');

  await page.notebook.openByPath(`${tmpPath}/copy.ipynb`);
  await kernelIsIdle(page);
  const copy = page.locator('.jp-NotebookPanel:visible');
  await expect(copy.locator('.jp-CodeCell')).toHaveCount(2);
  await expect(copy.locator('.aml-run')).toHaveCount(0);
  await expect(copy.locator('.jp-Cell-outputArea').first()).not.toContainText(
    'tick 7'
  );
});

test('cancel from the panel ends the job, and the cell says so', async ({
  page
}) => {
  await page.notebook.createNew('cancel.ipynb');
  await kernelIsIdle(page);
  await page.notebook.setCell(0, 'code', COUNT(600));
  await runOnCompute(page, 0);
  await expect(output(page, 0)).toContainText('tick 1', { timeout: 60_000 });
  const panel = await openPanel(page);
  const jobs = panel.getByRole('treegrid', { name: 'Jobs' });
  const first = jobs.getByRole('row').first();
  await expect(first).toContainText('Running');
  await first.getByRole('button', { name: /^Cancel/ }).click();
  await expect(first).toContainText('Canceled', { timeout: 30_000 });
  await expect(
    page.locator('.jp-CodeCell').nth(0).locator('.jp-InputPrompt')
  ).not.toHaveText('[*]:');
  await first.press('Enter');
  const view = page.locator('.aml-view');
  await expect(view.getByRole('log')).toContainText('tick 1');
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
  await expect(row(panel, 'Compute', CLUSTER)).toHaveCount(0, {
    timeout: 30_000
  });
});
