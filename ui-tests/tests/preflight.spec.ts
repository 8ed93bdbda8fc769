/** What is said of a cell before it runs and after it failed, by a real service, and the fixes. */
import { expect, test } from '@jupyterlab/galata';
import type { APIRequestContext, Page } from '@playwright/test';
import type { components } from '../../src/api';
import { cell, newNotebook, output, prompt, runOnCompute } from './notebook';
import { execute, expectAccessible, inThemes, picture } from './screen';

type Schemas = components['schemas'];

const API = '/jupyter-aml/api/v1';
const CLUSTER = 'check-cluster';
const LONG = { timeout: 60_000 };

/** A cluster of a size with a price, of which each node gets what this machine has. */
async function withCluster(request: APIRequestContext): Promise<void> {
  const made = await request.post(`${API}/compute`, {
    data: {
      type: 'amlcompute',
      name: CLUSTER,
      size: 'Standard_DS3_v2',
      maxInstances: 1,
      tier: 'low_priority'
    }
  });
  expect(made.ok()).toBe(true);
}

test.beforeEach(({ page }) => withCluster(page.request));

test.afterEach(async ({ page }) => {
  await page.request.delete(`${API}/compute/${CLUSTER}`);
  const left = async () => {
    const { value } = (await (
      await page.request.get(`${API}/compute`)
    ).json()) as Schemas['ComputeList'];
    return value.map(one => one.spec.name);
  };
  await expect.poll(left, LONG).not.toContain(CLUSTER);
});

async function newestJob(page: Page): Promise<string> {
  const answered = await page.request.get(`${API}/jobs?maxResults=1`);
  const { value } = (await answered.json()) as Schemas['JobPage'];
  return value[0].name;
}

test('facts and a problem, its fix, and the run', async ({ page }) => {
  await newNotebook(
    page,
    'before.ipynb',
    'df = 20',
    `%%aml -c ${CLUSTER}\nimport nowhere_to_be_found\nprint("sum", df + 22)`,
    '%%aml -c no-such-cluster\nprint("sum", df + 22)'
  );
  await page.notebook.runCell(0);
  await prompt(page, 1).click();
  const strip = (index: number) =>
    cell(page, index).getByRole('group', { name: 'Before you run' });
  const before = strip(1);
  await expect(before).toContainText('nowhere_to_be_found is not in kernel');
  await expect(before).toContainText('1 thing to fix before it can run');
  await expect(before).toContainText(`${CLUSTER}4 vCPU, 14 GB`);
  await expect(before).toContainText(/would be \$0\.0\d\/h est\./);
  await expect(before).toContainText(/Quota, (\d+) of \1 cores left/);
  await expect(before).toContainText(/Ships df \d+/);
  await before.getByRole('button', { name: 'Details' }).click();
  await expect(before).toContainText('DS3_v2');
  await inThemes(page, async theme => {
    await picture(page, `preflight-${theme}`);
    await expectAccessible(page, '.aml-strip');
  });

  // A compute that is not there: it can be made, or another one chosen.
  await prompt(page, 2).click();
  await expect(strip(2)).toContainText('There is no compute');
  await expect(strip(2)).not.toContainText('free');
  await strip(2).getByRole('button', { name: 'Choose a compute…' }).click();
  const choice = page.locator('.jp-Dialog');
  await choice.locator('select').selectOption('local');
  await choice.getByRole('button', { name: 'Choose' }).click();
  await expect(cell(page, 2).locator('.jp-Editor')).toContainText(
    '%%aml --compute local'
  );
  await expect(strip(2)).toContainText('free');
  await runOnCompute(page, 2);
  await expect(output(page, 2)).toContainText('sum 42', LONG);
  await expect(prompt(page, 2)).toHaveText('[2]:');
  await expect(strip(2)).toHaveCount(0);

  // From the job back to its cell, which runs once more.
  const name = await newestJob(page);
  await execute(page, 'jupyter-aml:open-job', { name });
  const view = page.locator('.aml-view:visible');
  await expect(view.getByRole('log')).toContainText('sum 42');
  await view.getByRole('button', { name: 'Go to cell' }).click();
  await expect(cell(page, 2)).toHaveClass(/jp-mod-active/);
  await execute(page, 'jupyter-aml:rerun-job', { name });
  await expect(prompt(page, 2)).toHaveText('[3]:', LONG);

  // Several cells at once: each gets the magic, in sight.
  await prompt(page, 0).click();
  await execute(page, 'jupyter-aml:run-cell', { compute: 'local' });
  await expect(prompt(page, 0)).toHaveText('[4]:', LONG);
  await expect(cell(page, 0).locator('.jp-Editor')).toContainText(
    '%%aml -c local'
  );
});

test('a wrong path: the doctor says why, and its button mends it', async ({
  page
}) => {
  // The file lies beside the notebook, and is told not to travel.
  await newNotebook(
    page,
    'doctor.ipynb',
    'from pathlib import Path\nPath("small.csv").write_text("40,2")\nPath(".amlignore").write_text("*.csv")',
    `%%aml -c ${CLUSTER}\nnumbers = open("small.csv").read().split(",")\nprint("sum", sum(map(int, numbers)))`
  );
  await page.notebook.runCell(0);
  await expect(prompt(page, 0)).toHaveText('[1]:');
  await runOnCompute(page, 1);
  await expect(output(page, 1)).toContainText('FileNotFoundError', LONG);

  await execute(page, 'jupyter-aml:open-job', { name: await newestJob(page) });
  const view = page.locator('.aml-view:visible');
  const why = view.getByRole('alert');
  await expect(why).toContainText('small.csv is not there');
  await expect(why).toContainText('[2], line 2');
  await picture(page, 'real-doctor-light');
  await expectAccessible(page, '.aml-view');
  await why.getByRole('button', { name: /^Run again here/ }).click();
  await expect(cell(page, 1).locator('.jp-Editor')).toContainText(
    '%%aml --compute local'
  );
  await expect(output(page, 1)).toContainText('sum 42', LONG);
  await expect(prompt(page, 1)).toHaveText('[3]:');
});
