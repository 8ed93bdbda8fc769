/**
 * The widgets in Notebook 7, which the same server serves where it is installed: a plain page with
 * one notebook, none of JupyterLab's side panel.
 */
import { expect, test } from '@playwright/test';
import type { Page } from '@playwright/test';
import { expectAccessible, picture } from './screen';

const LONG = { timeout: 60_000 };

const NOTEBOOK = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: {
    kernelspec: {
      name: 'python3',
      display_name: 'Python 3',
      language: 'python'
    }
  },
  cells: [
    'import jupyter_aml as aml\npicker = aml.widgets.SizePicker(gpu=True)\npicker',
    'aml.widgets.ComputePanel()',
    'aml.register(len, "ui-length")\naml.widgets.DeployForm("ui-length:1")'
  ].map((source, index) => ({
    cell_type: 'code',
    id: `c${index}`,
    metadata: {},
    execution_count: null,
    outputs: [],
    source
  }))
};

interface IApp {
  commands: { execute(id: string): Promise<void> };
  shell: {
    currentWidget?: { sessionContext?: { ready: Promise<void> } };
  };
}

/** Run every cell, once there is a kernel: what is asked before that is dropped without a word. */
async function runAll(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      Boolean(
        (window as unknown as { jupyterapp?: IApp }).jupyterapp?.shell
          .currentWidget?.sessionContext
      ),
    undefined,
    LONG
  );
  await page.evaluate(async () => {
    const { jupyterapp } = window as unknown as { jupyterapp: IApp };
    await jupyterapp.shell.currentWidget?.sessionContext?.ready;
    await jupyterapp.commands.execute('notebook:run-all-cells');
  });
}

test('widgets are drawn and work in Notebook 7', async ({ page, request }) => {
  const isThere = (await request.get('/tree')).status() !== 404;
  test.skip(!isThere && !process.env.CI, 'Notebook 7 is not installed here.');
  const made = await request.put('/api/contents/seven.ipynb', {
    data: { type: 'notebook', format: 'json', content: NOTEBOOK }
  });
  expect(made.ok()).toBe(true);
  await page.goto('/notebooks/seven.ipynb');
  await runAll(page);
  const grid = page.getByRole('grid', { name: 'VM sizes' });
  const wanted = grid.getByRole('row', { name: /NC8as_T4_v3/ });
  await wanted.click(LONG);
  await expect(wanted).toHaveAttribute('aria-selected', 'true');
  await expect(page.locator('.aml-price')).toContainText('$0.75 per hour');
  await expect(page.getByRole('grid', { name: 'Compute' })).toContainText(
    'local'
  );
  const form = page.locator('.aml-widget').last();
  await expect(form).toContainText('ui-length:1', LONG);
  await picture(page, 'widget-notebook7');
  await expectAccessible(page, '.aml-widget');
});
