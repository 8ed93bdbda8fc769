/** A whole notebook as a job: from the file browser, with a parameter, to its executed copy. */
import { expect, test } from '@jupyterlab/galata';
import { output } from './notebook';
import { expectAccessible, picture } from './screen';

const LONG = { timeout: 60_000 };

function code(source: string, tags: string[] = []) {
  const id = `c${source.length}`;
  const metadata = { tags };
  return {
    cell_type: 'code',
    id,
    source,
    metadata,
    outputs: [],
    execution_count: null
  };
}

const CONTENT = {
  cells: [
    code('epochs = 20  # how long', ['parameters']),
    code('print("trained for", epochs, "epochs")')
  ],
  metadata: {
    kernelspec: {
      name: 'python3',
      display_name: 'Python 3',
      language: 'python'
    }
  },
  nbformat: 4,
  nbformat_minor: 5
};

test('from the file browser to the executed copy', async ({
  page,
  tmpPath
}) => {
  const made = await page.request.put(`/api/contents/${tmpPath}/train.ipynb`, {
    data: { type: 'notebook', format: 'json', content: CONTENT }
  });
  expect(made.ok()).toBe(true);
  await page.filebrowser.openDirectory(tmpPath);
  // A menu that opens before the service is known offers nothing.
  await expect(page.locator('.aml-status-item')).toContainText('running', LONG);
  const item = page.locator('.jp-DirListing-item', { hasText: 'train.ipynb' });
  await item.click({ button: 'right' });
  await page.getByRole('menuitem', { name: 'Run Notebook as Job…' }).click();

  const dialog = page.getByRole('dialog', { name: 'Run train.ipynb as a job' });
  await expect(dialog.getByLabel('Compute')).toBeFocused();
  await dialog.getByLabel('epochs').fill('3');
  // What it costs, before it is sent.
  await expect(
    dialog.getByRole('group', { name: 'Before it runs' })
  ).toContainText('free');
  await picture(page, 'notebook-job-light');
  await expectAccessible(page, 'dialog');
  await dialog.getByRole('button', { name: 'Run notebook' }).click();

  const view = page.locator('.aml-view:visible');
  await expect(view.getByRole('heading', { name: 'train' })).toBeVisible();
  await expect(view.locator('.hd')).toContainText('Completed', LONG);
  await view.getByRole('button', { name: 'Open executed notebook' }).click();
  await expect(output(page, 2)).toContainText('trained for 3 epochs');
});
