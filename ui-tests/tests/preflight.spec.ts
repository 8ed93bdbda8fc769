/** What is said of a cell before it runs, and the fix that is one button away. */
import { expect, test } from '@jupyterlab/galata';
import type { components } from '../../src/api';
import { cell, newNotebook, output, prompt, runOnCompute } from './notebook';
import { execute, expectAccessible, inThemes, picture } from './screen';

type Schemas = components['schemas'];

const LONG = { timeout: 60_000 };

/** As the service would say it of a cluster: that of the tests has this machine only. */
function answer(asked: Schemas['CheckJob']): Partial<Schemas['Preflight']> {
  const isFixed = asked.compute === 'local';
  return {
    compute: isFixed ? 'local' : 'cpu-cluster',
    size: isFixed ? '' : 'Standard_DS3_v2',
    vcpus: 4,
    memoryGb: 14,
    nodes: 1,
    pricePerHour: 0.293,
    rehearsal: true,
    quota: { name: 'total', left: 12, limit: 100, holders: [] },
    start: {
      size: 'Standard_DS3_v2',
      environment: 'kernel',
      situation: 'cold',
      low: 100,
      high: 140,
      count: 12
    },
    ships: {
      files: 3,
      bytes: 41e6,
      limitBytes: 100e6,
      largest: [{ path: 'train.py', bytes: 6000 }],
      leftOut: ['.git']
    },
    problems: isFixed
      ? []
      : [
          {
            code: 'MissingModule',
            cause: 'lightgbm 4.5 is not in kernel',
            where: 'lightgbm',
            fix: {
              label: 'Run on this machine',
              kind: 'edit',
              value: '--compute local'
            }
          }
        ]
  };
}

test('facts and a problem, its fix, and the run', async ({ page }) => {
  await page.route(/\/jobs\/preflight/, route => {
    const asked = route.request().postDataJSON() as Schemas['CheckJob'];
    return route.fulfill({ json: { problems: [], ...answer(asked) } });
  });
  await newNotebook(
    page,
    'before.ipynb',
    'import pandas as pd\ndf = 20',
    '%%aml -c cpu-cluster\nprint("sum", df + 22)'
  );
  await page.notebook.runCell(0);
  await page.notebook.selectCells(1);
  const before = cell(page, 1).getByRole('group', { name: 'Before you run' });
  await expect(before).toContainText('lightgbm 4.5 is not in kernel');
  await expect(before).toContainText('1 thing to fix before it can run');
  await expect(before).toContainText('would be $0.29/h');
  await expect(before).toContainText('Quota, 12 of 100 cores left');
  await expect(before).toContainText('Starts in about 2 min');
  await expect(before).toContainText('3 files, 41 MB');
  await before.getByRole('button', { name: 'Details' }).click();
  await expect(before).toContainText('train.py');
  await inThemes(page, async theme => {
    await picture(page, `preflight-${theme}`);
    await expectAccessible(page, '.aml-strip');
  });
  await before.getByRole('button', { name: 'Run on this machine' }).click();
  await expect(cell(page, 1).locator('.jp-Editor')).toContainText(
    '%%aml --compute local'
  );
  await expect(before).not.toContainText('lightgbm');
  await runOnCompute(page, 1);
  await expect(output(page, 1)).toContainText('sum 42', LONG);
  await expect(prompt(page, 1)).toHaveText('[2]:');
  await expect(before).toHaveCount(0);

  // From the job back to its cell, which runs once more.
  const answered = await page.request.get(
    '/jupyter-aml/api/v1/jobs?maxResults=1'
  );
  const { value } = (await answered.json()) as Schemas['JobPage'];
  await execute(page, 'jupyter-aml:open-job', { name: value[0].name });
  const view = page.locator('.aml-view:visible');
  await expect(view.getByRole('log')).toContainText('sum 42');
  await view.getByRole('button', { name: 'Go to cell' }).click();
  await expect(cell(page, 1)).toHaveClass(/jp-mod-active/);
  await execute(page, 'jupyter-aml:rerun-job', { name: value[0].name });
  await expect(prompt(page, 1)).toHaveText('[3]:', LONG);

  // Several cells at once: each gets the magic, in sight.
  await page.notebook.selectCells(0, 1);
  await execute(page, 'jupyter-aml:run-cell', { compute: 'local' });
  await expect(prompt(page, 1)).toHaveText('[5]:', LONG);
  await expect(cell(page, 0).locator('.jp-Editor')).toContainText(
    '%%aml -c local'
  );
});
