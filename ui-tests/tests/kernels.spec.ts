/** The notebook itself on an instance: picked as its kernel, under the instance's limits. */
import { expect, test } from '@jupyterlab/galata';
import { newNotebook, output } from './notebook';

const API = '/jupyter-aml/api/v1';
const NAME = 'ui-kernel';
const LONG = { timeout: 60_000 };

test.afterEach(async ({ request }) => {
  await request.delete(`${API}/compute/${NAME}`);
});

test('a running instance is in the kernel picker, and its limits are those of the notebook', async ({
  page,
  request
}) => {
  const source = [
    'import os',
    'print("cores", len(os.sched_getaffinity(0)), os.environ["OMP_NUM_THREADS"])'
  ].join('\n');
  await newNotebook(page, 'picked.ipynb', source);
  const made = await request.post(`${API}/compute`, {
    data: { type: 'computeinstance', name: NAME, size: 'local.1cpu-2gb' }
  });
  expect(made.ok()).toBe(true);

  // By the page's own doing: JupyterLab alone would ask in a minute.
  await page.waitForFunction(
    name =>
      (
        window as unknown as {
          jupyterapp: {
            serviceManager: {
              kernelspecs: {
                specs: { kernelspecs: Record<string, unknown> } | null;
              };
            };
          };
        }
      ).jupyterapp.serviceManager.kernelspecs.specs?.kernelspecs[name] !==
      undefined,
    `jupyter-aml-${NAME}`,
    { timeout: 40_000 }
  );
  await page.locator('.jp-NotebookPanel:visible .jp-KernelName').click();
  const dialog = page.locator('.jp-Dialog');
  await dialog
    .locator('select')
    .selectOption({ label: `Python on ${NAME} (local.1cpu-2gb)` });
  await dialog.locator('.jp-mod-accept').click();
  const status = page.getByText(new RegExp(`Python on ${NAME} .*\\| Idle`));
  await expect(status).toBeVisible(LONG);

  await page.notebook.runCell(0, true);
  await expect(output(page, 0)).toContainText('cores 1 1', LONG);

  // Its end is told: the notebook has no kernel, and nobody starts one again and again.
  expect((await request.post(`${API}/compute/${NAME}/stop`)).ok()).toBe(true);
  await expect(status).toBeHidden(LONG);
});
