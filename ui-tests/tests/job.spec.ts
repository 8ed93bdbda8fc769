/** The job view: of a running, a failed and a two-node job, with a service in the test's hands. */
import { expect, test } from '@jupyterlab/galata';
import type { Page } from '@playwright/test';
import type { components } from '../../src/api';
import { AGO, compute, FakeService, job, node, story } from './fake';
import { execute, expectAccessible, inThemes, picture } from './screen';

type Schemas = components['schemas'];

test.use({ autoGoto: false });

const SOURCE = `%%aml -c cpu-cluster
frames = [pd.read_parquet(p) for p in paths]
big = pd.concat(frames)
X = pd.get_dummies(big, columns=["zip", "device"])
booster = xgb.train(params, xgb.DMatrix(X, y))`;

function running(): FakeService {
  const fake = new FakeService();
  fake.computes.push(
    compute(
      { type: 'amlcompute', name: 'gpu-cluster', size: 'Standard_NC4as_T4_v3' },
      { currentNodes: 2, pricePerHour: 1.052, rehearsal: true }
    )
  );
  fake.nodes.push(
    node('gpu-cluster', 'node-1', 'running'),
    node('gpu-cluster', 'node-2', 'running')
  );
  fake.jobs.push(
    job('train-resnet', {
      progress: 0.35,
      doing: 'epoch 7 of 20',
      notebook: '/x/cats.ipynb',
      cellId: 'c2',
      instanceCount: 2
    }),
    job('train-before', {
      status: 'Completed',
      startedAt: AGO(9000),
      endedAt: AGO(8000)
    })
  );
  fake.wholeJobs['train-resnet'] = {
    spec: {
      type: 'cell',
      source: SOURCE,
      compute: 'gpu-cluster',
      displayName: 'train-resnet',
      instanceCount: 2,
      notebook: '/x/cats.ipynb',
      cellId: 'c2',
      executionCount: 2,
      variables: { names: ['df', 'params'], imports: ['import torch'] },
      environmentVariables: { SEED: '7' }
    },
    nodes: ['node-1', 'node-2'],
    models: ['azureml:resnet:3'],
    result: {
      names: { history: 2048 },
      kept: { model: 'stays there: above 50 MB' }
    }
  };
  fake.waits['train-resnet'] = {
    job: 'train-resnet',
    waiting: false,
    stages: [
      stage('queued', 'done', 41, 20, 40),
      stage('node', 'done', 190, 180, 300),
      stage('environment', 'done', 8),
      stage('process', 'done', 0.3)
    ]
  };
  fake.parts['train-resnet/files'] = {
    value: [{ path: 'outputs/ckpt-7.pt', bytes: 94e6 }]
  };
  fake.parts['train-resnet/metrics'] = {
    metrics: [
      { name: 'val_accuracy', steps: [0, 1], times: [0, 1], values: [0.5, 0.8] }
    ],
    parameters: { max_depth: '6' },
    tags: {},
    mlflowRun: 'f00d'
  };
  fake.parts['train-resnet/history'] = {
    value: Array.from({ length: 60 }, (_, index) => ({
      time: AGO(120 - 2 * index),
      cpu: 2 + Math.sin(index / 4),
      memoryBytes: 8e9 + 1e9 * Math.sqrt(index),
      memoryLimitBytes: 28e9,
      gpu: 0.8 + 0.1 * Math.sin(index / 3),
      gpuMemoryBytes: 11.2e9
    }))
  };
  fake.events['train-resnet'] = story(
    { kind: 'status', status: 'Queued', reason: '2nd in line' },
    { kind: 'status', status: 'Preparing' },
    { kind: 'status', status: 'Running', time: AGO(842) },
    ...Array.from({ length: 400 }, (_, index) => ({
      time: AGO(800 - 2 * index),
      node: index % 2,
      text: `epoch ${index + 1}  train 0.${90 - (index % 50)}  val 1.14\n`
    })),
    ...Array.from({ length: 28 }, (_, step) => ({
      kind: 'metric' as const,
      name: 'train_loss',
      value: 2.1 * Math.exp(-step / 20) + 0.18,
      step
    })),
    ...Array.from({ length: 28 }, (_, step) => ({
      kind: 'metric' as const,
      name: 'val_loss',
      value: 2 * Math.exp(-step / 22) + 0.33,
      step
    })),
    {
      kind: 'display_data',
      data: {
        'text/html': '<table><tr><td>a table of it</td></tr></table>'
      } as never
    },
    { kind: 'stderr', text: 'warning: DataLoader worker 1 slow\n', node: 0 },
    { kind: 'stderr', text: 'warning: DataLoader worker 2 slow\n', node: 1 },
    { text: 'epoch 401  train 0.71  val 0.89\n' }
  );
  return fake;
}

function failed(): FakeService {
  const fake = new FakeService();
  fake.jobs.push(
    job('train-xgb', {
      status: 'Failed',
      createdAt: AGO(900),
      startedAt: AGO(800),
      endedAt: AGO(20),
      cause: 'out of memory, line 4',
      compute: 'cpu-cluster',
      notebook: '/x/churn.ipynb',
      cellId: 'c7'
    })
  );
  fake.wholeJobs['train-xgb'] = {
    spec: {
      type: 'cell',
      source: SOURCE,
      compute: 'cpu-cluster',
      displayName: 'train-xgb',
      notebook: '/x/churn.ipynb',
      cellId: 'c7',
      executionCount: 7
    },
    error: {
      code: 'JobFailed',
      message: 'The cell used 14.2 of 14 GB and was stopped.',
      details: ['signal 9', 'peak 14.2 GB']
    },
    receipt: {
      size: 'Standard_DS3_v2',
      nodes: 1,
      seconds: 780,
      queuedSeconds: 2,
      peakMemoryBytes: 14.2e9,
      cpuSeconds: 858,
      pricePerHour: 0.293,
      listPrice: 0.07,
      rehearsal: true
    },
    diagnosis: {
      rule: 'out-of-memory',
      cause: 'Out of memory: the cell used 14.2 of 14 GB and was stopped',
      stage: 'running',
      where: {
        notebook: '/x/churn.ipynb',
        cellId: 'c7',
        executionCount: 7,
        line: 4,
        text: SOURCE.split('\n')[3],
        lines: SOURCE.split('\n').map((text, index) => ({
          number: index + 1,
          text,
          marked: index === 3
        }))
      },
      evidence: 'memory watcher: 14.2 of 14.0 GB',
      fixes: [
        {
          label: 'Run again on cpu-big, 28 GB',
          kind: 'edit',
          value: '--compute cpu-big',
          restartsAt: 'running',
          pricePerHour: 0.37
        },
        {
          label: 'See the sizes with more memory',
          kind: 'open',
          value: 'sizes:28'
        }
      ]
    }
  };
  fake.parts['train-xgb/history'] = {
    value: Array.from({ length: 46 }, (_, index) => ({
      time: AGO(800 - 17 * index),
      cpu: 1.1,
      memoryBytes: 1e9 * (index < 30 ? 1.2 + index * 0.12 : index * 0.31),
      memoryLimitBytes: 14e9
    }))
  };
  fake.events['train-xgb'] = story(
    { kind: 'status', status: 'Queued' },
    { kind: 'status', status: 'Preparing' },
    { kind: 'status', status: 'Running' },
    { text: 'read 24 files\nconcat: 31.2 M rows\n' },
    { kind: 'error', ename: 'MemoryError', traceback: ['MemoryError'] },
    { kind: 'status', status: 'Failed', reason: 'OutOfMemory' }
  );
  return fake;
}

async function open(page: Page, fake: FakeService, name: string) {
  await fake.install(page);
  await page.goto('');
  await execute(page, 'jupyter-aml:open-job', { name });
  const view = page.locator('.aml-view:visible');
  await expect(view.getByRole('heading', { name })).toBeVisible();
  return view;
}

test('a running job of two nodes: log, search, sources', async ({ page }) => {
  const view = await open(page, running(), 'train-resnet');
  const log = view.getByRole('log');
  await expect(log).toContainText('epoch 401');
  await expect(view.getByText('407 lines')).toBeVisible();
  await expect(view.locator('.aml-stages')).toContainText(
    '0:41, usually 0:20 to 0:40'
  );
  await expect(view.getByText('epoch 7 of 20').first()).toBeVisible();
  await expect(view.getByText('1.3 of 2 cores, 1.4')).toHaveCount(2);
  await expect(
    view.getByRole('img', { name: /train_loss goes from/ })
  ).toBeVisible();
  await inThemes(page as never, async theme => {
    await picture(page, `job-running-${theme}`);
    await expectAccessible(page, '.aml-view');
  });

  await view.getByRole('searchbox').fill('warn');
  await expect(view.getByText('2 hits')).toBeVisible();
  await page.keyboard.press('Enter');
  await expect(view.getByText('1 of 2')).toBeVisible();
  await expect(log.locator('.hit mark')).toHaveText('warn');
  await page.keyboard.press('F3');
  await expect(log.locator('.hit')).toContainText('worker 2');
  await view.getByLabel('Source').selectOption('node 1');
  await expect(view.getByText('1 hit', { exact: true })).toBeVisible();
  await view.getByLabel('Source').selectOption('all nodes');
  await view.getByRole('searchbox').fill('');

  await log.focus();
  await page.keyboard.press('Home');
  await expect(view.getByLabel('Follow')).not.toBeChecked();
  await expect(log).toContainText('epoch 1 ');
  await page.keyboard.press('End');
  await expect(view.getByLabel('Follow')).toBeChecked();
  await expect(log).toContainText('epoch 401');
  await view.getByLabel('Wrap').check();
  await expect(log).toContainText('epoch 401');
  await expect(view.getByLabel('Follow')).toBeChecked();
});

test('the other tabs of a job, by keyboard', async ({ page }) => {
  const view = await open(page, running(), 'train-resnet');
  await view.getByRole('tab', { name: 'Logs' }).focus();
  await page.keyboard.press('ArrowRight');
  await expect(view.getByRole('tab', { name: 'Outputs 3' })).toBeFocused();
  await expect(view.getByRole('table', { name: 'Outputs' })).toContainText(
    'stays there: above 50 MB'
  );
  await expect(view.getByRole('button', { name: 'resnet:3' })).toBeVisible();
  await expect(view.getByText('a table of it')).toBeVisible();
  await picture(page, 'job-outputs-light');
  await page.keyboard.press('ArrowRight');
  await expect(view.getByRole('table', { name: 'Metrics' })).toContainText(
    'val_loss'
  );
  await expect(view.getByRole('table', { name: 'Metrics' })).toContainText(
    'val_accuracy'
  );
  await expect(view.getByRole('table', { name: 'Parameters' })).toContainText(
    'max_depth'
  );
  await view.getByLabel('Compare with').selectOption('train-before');
  await expect(view.getByRole('table', { name: 'Comparison' })).toContainText(
    'Completed'
  );
  await picture(page, 'job-metrics-light');
  await expectAccessible(page, '.aml-view');
  await view.getByRole('tab', { name: 'Inputs & environment' }).click();
  await expect(view.getByText('df, params')).toBeVisible();
  await picture(page, 'job-inputs-light');
  await expectAccessible(page, '.aml-view');
  await page.keyboard.press('End');
  await expect(view.getByText('pd.get_dummies').first()).toBeVisible();
  await view.getByRole('button', { name: 'CLI' }).click();
  await expect(view.getByText('jupyter aml job stream')).toBeVisible();
  await picture(page, 'job-code-light');
  await expectAccessible(page, '.aml-view');
});

test('a failed job: cause, where, fix, raw', async ({ page }) => {
  const view = await open(page, failed(), 'train-xgb');
  const alert = view.getByRole('alert');
  await expect(alert).toContainText('14.2 of 14 GB');
  await expect(alert).toContainText('churn.ipynb, [7], line 4');
  await expect(alert.locator('.hit')).toContainText('get_dummies');
  await expect(
    alert.getByRole('button', { name: 'Run again on cpu-big, 28 GB, $0.37/h' })
  ).toBeVisible();
  await expect(view.locator('.aml-stages .bad')).toContainText('failed after');
  await expect(
    view.getByText('Outputs', { exact: true }).first()
  ).toBeVisible();
  await inThemes(page as never, async theme => {
    await picture(page, `job-failed-${theme}`);
    await expectAccessible(page, '.aml-view');
  });
});

function stage(
  name: Schemas['WaitStage']['name'],
  state: Schemas['WaitStage']['state'],
  seconds: number,
  usualLow: number | null = null,
  usualHigh: number | null = null
): Schemas['WaitStage'] {
  return { name, state, seconds, usualLow, usualHigh, reason: '' };
}
