/** Models, batch endpoints and environments on the screen, over a service in our hands. */
import { expect, test } from '@jupyterlab/galata';
import type { Locator } from '@playwright/test';
import { AGO, environment, FakeService, job } from './fake';
import {
  expectAccessible,
  expectNoOverflow,
  inThemes,
  openPanel,
  picture,
  row
} from './screen';

const MODEL = {
  name: 'churn-xgb',
  version: '4',
  type: 'custom_model',
  path: 'azureml://datastores/workspaceblobstore/paths/models/churn-xgb/4',
  localPath: '/models/churn-xgb/4',
  content: 'c4',
  bytes: 1_400_000,
  files: 2,
  stage: 'None',
  description: '',
  tags: {},
  properties: {},
  flavors: { python_object: {} },
  requirements: ['scikit-learn==1.5.1'],
  python: '',
  sample: '{"input_data": [[14, 3]]}',
  lineage: {
    job: 'features-daily',
    code: '',
    notebook: 'churn.ipynb',
    cellId: '',
    environment: 'kernel',
    data: ['azureml:calls:2'],
    mlflowRun: ''
  },
  deployments: ['churn/blue'],
  createdAt: AGO(7200),
  archived: false
};

const BATCH = {
  name: 'churn-files',
  state: 'Succeeded',
  defaultDeployment: 'first',
  deployments: ['first'],
  description: '',
  tags: {},
  createdAt: AGO(7200)
};

const TREES = environment('trees', {
  state: 'Building',
  reason: 'installing 2 packages',
  requirements: ['scikit-learn>=1.4', 'Pandsa>=2'],
  packages: {}
});

test.use({ autoGoto: false });
let fake: FakeService;

test.beforeEach(async ({ page }) => {
  fake = new FakeService();
  fake.jobs = [
    job('score-1', {
      status: 'Completed',
      endedAt: AGO(600),
      tags: { batch_endpoint: 'churn-files' }
    })
  ];
  fake.answers = {
    '/models': { value: [MODEL] },
    '/models/churn-xgb': MODEL,
    '/models/churn-xgb/files': {
      value: [{ path: 'model.pkl', folder: false, bytes: 1_400_000 }],
      truncated: false
    },
    '/batch-endpoints': { value: [BATCH] },
    '/batch-endpoints/churn-files/deployments': {
      value: [
        {
          name: 'first',
          endpointName: 'churn-files',
          model: 'azureml:churn-xgb:4',
          state: 'Succeeded'
        }
      ]
    },
    'POST /environments/trees/build': TREES,
    'POST /environments/trees/cancel': { ...TREES, state: 'Canceled' },
    'POST /environments': TREES
  };
  await fake.install(page);
  await page.goto();
});

async function narrow(panel: Locator): Promise<void> {
  await panel.evaluate(node => {
    node.style.width = '220px';
    node.style.minWidth = '220px';
  });
}

test('a batch endpoint and a model are rows that lead on', async ({ page }) => {
  const panel = await openPanel(page);
  const batch = row(panel, 'Models & endpoints', 'batch/churn-files');
  await expect(batch).toContainText('last run Completed');
  await batch.press('ArrowRight');
  await expect(batch.getByRole('button', { name: 'score-1' })).toBeVisible();
  await expect(
    batch.getByRole('button', { name: 'churn-xgb:4' })
  ).toBeVisible();
  await narrow(panel);
  await expectNoOverflow(panel);
  await picture(page, 'batch-220-light');
  await expectAccessible(page, '#jupyter-aml-panel');

  await row(panel, 'Models & endpoints', 'model/churn-xgb:4').press('Enter');
  const view = page.locator('.aml-view');
  await expect(view.getByRole('table', { name: 'Files' })).toContainText(
    'model.pkl'
  );
  await expect(view.getByRole('button', { name: 'churn/blue' })).toBeVisible();
  await expect(view.getByRole('button', { name: 'calls:2' })).toBeVisible();
  await inThemes(page, async theme => {
    await picture(page, `model-${theme}`);
    await expectAccessible(page, '.aml-view');
  });
});

test('a new environment by keyboard: refused at its line, then built, canceled', async ({
  page
}) => {
  const panel = await openPanel(page);
  fake.refusals['POST /environments'] = {
    code: 'Invalid',
    message: "'pandas 2' is not a requirement.",
    target: 'requirement 2',
    hint: 'A version follows an operator: pandas==2',
    details: []
  };
  await panel
    .getByRole('button', { name: /Data & environments/ })
    .press('Enter');
  const create = panel.getByRole('button', { name: 'New environment…' });
  // A button that is disabled takes no focus: Enter would go to the title again.
  await expect(create).toBeEnabled();
  await create.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'New environment' });
  await expect(dialog.getByLabel('Name')).toBeFocused();
  await page.keyboard.type('trees');
  const packages = dialog.getByLabel('Packages, one a line');
  await packages.fill('scikit-learn>=1.4\npandas 2');
  await inThemes(page, async theme => {
    await picture(page, `new-environment-${theme}`);
    await expectAccessible(page, '.aml-dlg');
  });
  await dialog.getByRole('button', { name: 'Create and build' }).click();
  await expect(dialog).toContainText('is not a requirement');
  await expect(packages).toBeFocused();
  await expect
    .poll(() =>
      packages.evaluate((node: HTMLTextAreaElement) =>
        node.value.slice(node.selectionStart, node.selectionEnd)
      )
    )
    .toBe('pandas 2');

  fake.refusals = {};
  fake.answers['/environments/trees/log'] = {
    seq: 1,
    time: AGO(1),
    text: 'Resolved 9 packages'
  };
  await page.keyboard.type('pandsa');
  await dialog.getByRole('button', { name: 'Create and build' }).click();
  const view = page.locator('.aml-view');
  await expect(view).toContainText('installing 2 packages');
  await expect(view.getByRole('log')).toContainText('Resolved 9 packages');
  await expect
    .poll(() => fake.asked.map(one => one.request))
    .toContain('POST /environments/trees/build');
  await view.getByRole('button', { name: 'Cancel build' }).click();
  await expect
    .poll(() => fake.asked.map(one => one.request))
    .toContain('POST /environments/trees/cancel');
  await expect(view.locator('.hd')).toContainText('Canceled');

  fake.change('environment', 'trees:1', {
    ...TREES,
    state: 'Failed',
    error: {
      code: 'EnvironmentFailed',
      message: 'The index has no package pandsa.',
      target: 'pandsa',
      hint: 'Write pandas.',
      details: []
    }
  });
  await expect(view.getByRole('listitem').nth(1)).toContainText(
    'The index has no package pandsa.'
  );
  await inThemes(page, async theme => {
    await picture(page, `environment-${theme}`);
    await expectAccessible(page, '.aml-view');
  });
});
