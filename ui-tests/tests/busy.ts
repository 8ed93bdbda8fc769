/** A workspace with everything going on at once, as the drawings show it. */
import {
  AGO,
  compute,
  costs,
  environment,
  FakeService,
  job,
  NOW,
  node,
  outOfMemory,
  size,
  story
} from './fake';

export function busy(): FakeService {
  const service = new FakeService();
  service.computes.push(
    compute(
      {
        type: 'amlcompute',
        name: 'gpu-cluster',
        size: 'Standard_NC4as_T4_v3',
        maxInstances: 4
      },
      {
        state: 'Resizing',
        currentNodes: 1,
        targetNodes: 2,
        runningJobs: 1,
        pricePerHour: 1.05,
        rehearsal: true
      }
    ),
    compute(
      {
        type: 'amlcompute',
        name: 'cpu-cluster',
        size: 'Standard_DS3_v2',
        maxInstances: 4
      },
      { pricePerHour: 0, rehearsal: true }
    ),
    compute(
      {
        type: 'computeinstance',
        name: 'dev-box',
        size: 'Standard_DS3_v2',
        idleTimeBeforeShutdownMinutes: 60
      },
      {
        state: 'Running',
        currentNodes: 1,
        pricePerHour: 0.293,
        rehearsal: true
      }
    ),
    compute(
      {
        type: 'computeinstance',
        name: 'dana-gpu',
        size: 'Standard_NC4as_T4_v3'
      },
      { state: 'Stopped', reason: 'since Tue; disk kept', pricePerHour: 0 }
    ),
    compute(
      { type: 'amlcompute', name: 'cpu-big', size: 'Standard_DS5_v2' },
      { state: 'Failed', error: 'Quota: cpu-big needs 32 cores, 12 are left' }
    )
  );
  service.sizes = [
    size('Standard_NC4as_T4_v3', { pricePerHour: 0.526 }),
    size('Standard_DS3_v2', { pricePerHour: 0.293 })
  ];
  service.costs = costs({
    ratePerHour: 1.34,
    spentToday: 9.31,
    budgetPerDay: 20,
    lastsUntil: new Date(Date.now() + 3 * 3600e3).toISOString(),
    guard: { state: 'watching', seenAt: NOW(), message: '' }
  });
  service.environments = [
    environment('kernel', { version: '', source: 'kernel' }),
    environment('lightgbm-env', {
      state: 'Building',
      reason: 'installing 12 packages',
      usualSeconds: 40
    }),
    environment('torch-cpu', { bytes: 812e6, version: '3' })
  ];
  service.starts = [
    {
      size: 'Standard_NC4as_T4_v3',
      environment: 'kernel',
      situation: 'cold',
      low: 118,
      high: 124,
      count: 9
    },
    {
      size: 'Standard_DS3_v2',
      environment: 'kernel',
      situation: 'cold',
      low: 100,
      high: 122,
      count: 9
    }
  ];
  service.waits['tune-lr-4'] = {
    job: 'tune-lr-4',
    waiting: true,
    seconds: 108,
    usualLow: 180,
    usualHigh: 360,
    count: 9,
    slower: false,
    stages: [
      {
        name: 'queued',
        state: 'current',
        seconds: 108,
        usualLow: 60,
        usualHigh: 180,
        count: 9,
        reason: '2nd in line'
      },
      { name: 'node', state: 'ahead' },
      { name: 'process', state: 'ahead' }
    ]
  };
  service.nodes.push(
    node('gpu-cluster', 'node-1', 'running'),
    node('gpu-cluster', 'node-2', 'preparing'),
    { ...node('dev-box', 'node-1', 'idle'), stateSince: AGO(725) },
    { ...node('local', 'local', 'idle'), cpus: [0, 1, 2, 3, 4, 5, 6, 7] }
  );
  service.jobs.push(
    job('train-resnet', { progress: 0.35, doing: 'epoch 7 of 20' }),
    job('tune-lr-4', {
      status: 'Queued',
      startedAt: null,
      createdAt: AGO(108),
      statusReason: '2nd in line for gpu-cluster'
    }),
    job('features-daily', {
      status: 'Completed',
      createdAt: AGO(5000),
      startedAt: AGO(4972),
      endedAt: AGO(4600),
      listPrice: 0.03
    }),
    job('train-xgb', {
      status: 'Failed',
      createdAt: AGO(9000),
      startedAt: AGO(8800),
      endedAt: AGO(8000),
      cause: 'out of memory, cell 7 line 12',
      error: {
        code: 'JobFailed',
        message: 'Out of memory: the cell used 14.2 of 14 GB and was stopped',
        target: 'churn.ipynb, cell 7, line 12',
        hint: 'Choose a larger size: `%aml compute sizes`',
        details: ['signal 9', 'peak 14.2 GB']
      }
    })
  );
  service.events['train-resnet'] = story(
    { kind: 'status', status: 'Queued', reason: '2nd in line' },
    { kind: 'status', status: 'Preparing' },
    { kind: 'status', status: 'Running' },
    ...Array.from({ length: 400 }, (_, index) => ({
      text: `epoch ${index + 1}  train 0.${90 - (index % 50)}  val 1.14\n`
    })),
    { kind: 'stderr', text: 'warning: DataLoader worker 1 slow\n' }
  );
  service.events['train-xgb'] = outOfMemory();
  return service;
}
