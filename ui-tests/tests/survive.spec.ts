/**
 * Whatever goes away while a cell runs (the page, the browser, the kernel, the service), its
 * output is whole in the end; and what was only copied from it stays as it was copied.
 */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jupyterlab/galata';
import type { Page, Response } from '@playwright/test';
import {
  cell,
  COUNT,
  expectAnotherTick,
  expectWhole,
  letGo,
  newNotebook,
  output,
  prompt,
  savedOutput,
  startCounting,
  strip
} from './notebook';
import { execute, expectAccessible, openPanel, picture, row } from './screen';

// What the page keeps must survive a reload.
test.use({ mockState: false });

// A job outlives the page and the kernel of a test that failed.
test.afterEach(({ request, tmpPath }) => letGo(request, tmpPath));

const LONG = { timeout: 60_000 };

async function servicePid(): Promise<number> {
  const home = process.env.JUPYTER_AML_HOME ?? '';
  return JSON.parse(await readFile(join(home, 'service.json'), 'utf8')).pid;
}

/** Rename a file as JupyterLab does it: open pages of it go with it. */
async function rename(page: Page, from: string, to: string): Promise<void> {
  await page.evaluate(
    async ([old, path]) => {
      const { jupyterapp } = window as unknown as {
        jupyterapp: {
          serviceManager: {
            contents: { rename(from: string, to: string): Promise<unknown> };
          };
        };
      };
      await jupyterapp.serviceManager.contents.rename(old, path);
    },
    [from, to]
  );
}

/** The first request to each address like `like` is lost, as it happens to a page that reloads. */
async function loseFirst(page: Page, like: RegExp): Promise<Set<string>> {
  const lost = new Set<string>();
  await page.route(like, route => {
    const url = route.request().url();
    if (lost.has(url)) {
      return route.continue();
    }
    lost.add(url);
    return route.abort('connectionreset');
  });
  return lost;
}

/** Whether a response is the `count`-th one to "which run is this cell's?" for a notebook. */
function isAnswerAbout(notebook: string, count: number) {
  const cells = new Set<string | null>();
  return (response: Response): boolean => {
    const { pathname, searchParams } = new URL(response.url());
    const isAbout = searchParams.get('notebook')?.endsWith(notebook) ?? false;
    if (pathname.endsWith('/v1/cells') && isAbout) {
      cells.add(searchParams.get('cellId'));
    }
    return cells.size === count;
  };
}

test('renamed and reloaded in the middle', async ({ page, tmpPath }) => {
  await newNotebook(page, 'reload.ipynb', COUNT);
  await startCounting(page);
  await expect(strip(page, 0)).toContainText('Running');
  await expect(page.locator('.jp-Toolbar .chip')).toContainText('1 running');
  await expect(cell(page, 0).locator('.aml-gutter-mark')).toBeVisible();
  await page.notebook.save();
  await rename(page, `${tmpPath}/reload.ipynb`, `${tmpPath}/renamed.ipynb`);
  await page.waitForURL(/renamed\.ipynb/);
  await page.notebook.save();
  const lost = await loseFirst(page, /\/v1\/(workspaces|jobs\/[^/?]+)$/);
  await page.reload({ waitForIsReady: false } as never);
  await expect(strip(page, 0)).toContainText('Reattached', LONG);
  await expect.poll(() => lost.size).toBe(2);
  await expect(page.locator('.jp-Toolbar .chip')).toContainText('1 running');
  await expectAnotherTick(output(page, 0));
  await picture(page, 'real-cell-reattached-light');
  await letGo(page.request, tmpPath);
  await expectWhole(output(page, 0));
  await expect(strip(page, 0)).toContainText('Completed');
  await expect(prompt(page, 0)).toHaveText('[1]:');
  await expectAccessible(page, '.aml-run');
});

test('a closed browser: the job ends meanwhile', async ({
  page,
  browser,
  baseURL,
  tmpPath
}) => {
  await newNotebook(page, 'closed.ipynb', COUNT);
  await startCounting(page);
  await page.notebook.save();
  await page.close();

  const context = await browser.newContext({ baseURL });
  await letGo(context.request, tmpPath);
  const again = await context.newPage();
  await again.goto(`/lab/tree/${tmpPath}/closed.ipynb?reset`);
  await expectWhole(output(again, 0));
  await expect(strip(again, 0)).toContainText('Completed');
  await context.close();
});

test('a copied cell and a copied notebook show nothing of the run', async ({
  page,
  tmpPath
}) => {
  await newNotebook(page, 'original.ipynb', COUNT);
  await startCounting(page);
  // From then on the output only grows: what is copied and saved is what was seen.
  await expect(strip(page, 0)).toContainText('Running');
  await expect(output(page, 0)).toContainText('tick 3');
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
  await expect(strip(page, 0)).toContainText('Reattached', LONG);
  await letGo(page.request, tmpPath);
  await expectWhole(output(page, 0));
  await expect(page.locator('.aml-run')).toHaveCount(1);
  expect(await savedOutput(page, 1)).not.toContain('ended after');

  // The page has asked about both cells of the copy when both answers are here.
  const looked = page.waitForResponse(isAnswerAbout('copy.ipynb', 2));
  await execute(page, 'docmanager:open', { path: `${tmpPath}/copy.ipynb` });
  await expect(output(page, 0)).toContainText('tick 3');
  await looked;
  await expect(strip(page, 0)).toHaveCount(0);
  expect(await savedOutput(page, 0)).not.toContain('ended after');
});

test('a killed kernel: the page takes over', async ({ page, tmpPath }) => {
  const whoAmI = 'import os\nprint("kernel", os.getpid())';
  const have = 'print("have", number)';
  await newNotebook(page, 'kernel.ipynb', COUNT, whoAmI, have);
  await page.notebook.runCell(1);
  await expect(output(page, 1)).toContainText(/kernel \d+/);
  const said = await output(page, 1).innerText();
  const kernel = Number(/kernel (\d+)/.exec(said)?.[1]);
  await startCounting(page);
  process.kill(kernel, 'SIGKILL');
  const dialog = page.getByRole('dialog', { name: 'Kernel Restarting' });
  await dialog.getByRole('button', { name: 'Ok' }).click();
  await expect(strip(page, 0)).toContainText('Reattached', LONG);
  await expectAnotherTick(output(page, 0));
  await letGo(page.request, tmpPath);
  await expectWhole(output(page, 0));
  await expect(strip(page, 0)).toContainText('Completed');
  // The kernel that ran the cell is gone, so its variables wait to be fetched.
  await strip(page, 0).getByRole('button', { name: 'Fetch number' }).click();
  await expect(strip(page, 0)).toContainText('number fetched', LONG);
  await page.notebook.runCell(2);
  await expect(output(page, 2)).toContainText(/have \d+/);
});

test('a restarted kernel: the page takes over', async ({ page, tmpPath }) => {
  await newNotebook(page, 'restart.ipynb', COUNT);
  await startCounting(page);
  const restarted = execute(page, 'kernelmenu:restart');
  await page.getByRole('button', { name: 'Confirm Kernel Restart' }).click();
  await restarted;
  await expect(strip(page, 0)).toContainText('Reattached', LONG);
  await expectAnotherTick(output(page, 0));
  await letGo(page.request, tmpPath);
  await expectWhole(output(page, 0));
  await expect(strip(page, 0)).toContainText('Completed');
});

test('a killed service: panel and cell go on', async ({ page, tmpPath }) => {
  const panel = await openPanel(page);
  await newNotebook(page, 'killed.ipynb', COUNT);
  await startCounting(page);
  const before = await servicePid();
  process.kill(before, 'SIGKILL');
  // Who follows the job starts the next one; only then is a new tick one of its telling.
  await expect
    .poll(() => servicePid().catch(() => before), LONG)
    .not.toBe(before);
  await expectAnotherTick(output(page, 0));
  const job = panel
    .getByRole('treegrid', { name: 'Jobs' })
    .getByRole('row', { name: /killed \[1\]/ });
  await expect(job).toContainText('Running', LONG);
  await expect(panel.getByRole('alert')).toHaveCount(0);
  await letGo(page.request, tmpPath);
  await expectWhole(output(page, 0));
  await expect(prompt(page, 0)).toHaveText('[1]:');
  await expect(job).toContainText('Completed');
});

test('a stopped service: the panel says so, and starts it', async ({
  page
}) => {
  const panel = await openPanel(page);
  await expect(row(panel, 'Compute', 'local')).toBeVisible();
  await promisify(execFile)('jupyter-aml', ['service', 'stop', '--force']);
  await expect(panel.getByRole('alert')).toContainText(
    'The compute service is not running'
  );
  // The page looks again by itself, and starts nothing.
  await page.waitForEvent('websocket', socket =>
    socket.url().includes('jupyter-aml/feed')
  );
  await expect(panel.getByRole('alert')).toContainText(
    /Looking again in \d+ s/
  );
  await expect(servicePid()).rejects.toThrow('ENOENT');
  await picture(page, 'real-stopped-light');
  await panel.getByRole('button', { name: 'Start it' }).click();
  await expect(panel.getByRole('alert')).toHaveCount(0, LONG);
  await expect(row(panel, 'Compute', 'local')).toContainText('Idle');
});
