/** A running job of two nodes, and one that failed. */
import type { components } from '../../../src/api';
import {
  AGO,
  compute,
  FakeService,
  job,
  node,
  outOfMemory,
  story
} from '../fake';

type Schemas = components['schemas'];

const SOURCE = `%%aml -c cpu-cluster
frames = [pd.read_parquet(p) for p in paths]
big = pd.concat(frames)
X = pd.get_dummies(big, columns=["zip", "device"])
booster = xgb.train(params, xgb.DMatrix(X, y))`;

export function running(): FakeService {
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

export function failed(): FakeService {
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
  fake.events['train-xgb'] = outOfMemory();
  return fake;
}

function stage(
  name: Schemas['WaitStage']['name'],
  state: Schemas['WaitStage']['state'],
  seconds: number,
  usualLow: number | null = null,
  usualHigh: number | null = null
): Schemas['WaitStage'] {
  return { name, state, seconds, usualLow, usualHigh, reason: '' };
}
