/** A sweep of four quick trials on a real service, watched to its end, the best one opened. */
import { expect, test } from '@jupyterlab/galata';
import { execute, openPanel, picture, row } from './screen';

const API = '/jupyter-aml/api/v1';
const LONG = { timeout: 60_000 };

const LOGS = `python -c "import jupyter_aml as aml; aml.log('score', \${{search_space.x}} ** 2)"`;

test('a sweep runs to its end and shows its best trial', async ({
  page,
  request
}) => {
  const made = await request.post(`${API}/jobs`, {
    data: {
      spec: {
        type: 'sweep',
        displayName: 'ui-sweep',
        command: LOGS,
        searchSpace: { x: { type: 'choice', values: [1, 2, 3, 4] } },
        sampling: { type: 'grid' },
        objective: { goal: 'maximize', primaryMetric: 'score' },
        limits: { maxTotalTrials: 4, maxConcurrentTrials: 2 }
      }
    }
  });
  expect(made.ok(), await made.text()).toBe(true);
  const { name } = await made.json();
  const panel = await openPanel(page);
  await expect(row(panel, 'Jobs', name)).toContainText('sweep', LONG);
  await execute(page, 'jupyter-aml:open-job', { name });
  const view = page.locator('.aml-view:visible');
  await expect(view.getByText('4 of 4 trials ended')).toBeVisible(LONG);
  const grid = view.getByRole('grid', { name: 'Trials' });
  const best = grid.locator(`[data-trial="${name}_3"]`);
  await expect(best).toContainText('best', LONG);
  await expect(best).toContainText('16', LONG);
  await expect(
    view.getByRole('img', { name: /score of 4 trials.*trial 3 with 16/ })
  ).toBeVisible(LONG);
  await expect(row(panel, 'Jobs', name)).toContainText('Completed', LONG);
  await expect(row(panel, 'Jobs', `${name}_3`)).toHaveCount(0);
  await picture(page, 'real-sweep-light');

  await view.getByRole('button', { name: 'Open best trial' }).click();
  const back = view.getByRole('navigation', { name: 'Part of' });
  await expect(back.getByRole('button', { name: 'ui-sweep' })).toBeVisible();
  await view.getByRole('tab', { name: 'Metrics' }).click();
  await expect(view.getByRole('table', { name: 'Metrics' })).toContainText(
    '16',
    LONG
  );
  await back.getByRole('button', { name: 'ui-sweep' }).click();
  await expect(grid).toBeVisible();
  await request.post(`${API}/jobs/${name}/archive`);
});
