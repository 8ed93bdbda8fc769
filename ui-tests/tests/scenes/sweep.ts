/** A sweep of twenty trials, seven of which began. */
import type { components } from '../../../src/api';
import { AGO, cluster, FakeService, job } from '../fake';

type Schemas = components['schemas'];

function service(): FakeService {
  const fake = new FakeService();
  fake.computes.push(cluster(2));
  return fake;
}

const RATES = [0.2, 0.03, 0.0004, 0.008, 0.0011, 0.05, 0.002];

function trial(number: number): Schemas['Trial'] {
  const metric =
    0.94 - 0.08 * Math.abs(Math.log10((RATES[number] ?? 1) / 0.009));
  return {
    number,
    job: `tune_${number}`,
    status: 'Completed',
    parameters: {
      learning_rate: RATES[number] ?? 0,
      depth: 3 + ((number * 5) % 7),
      booster: number % 3 ? 'gbtree' : 'dart'
    },
    metric,
    reports: 20,
    best: number === 3,
    terminated: '',
    cause: '',
    startedAt: AGO(800 - 60 * number),
    endedAt: AGO(700 - 60 * number)
  };
}

export function sweep(): FakeService {
  const fake = service();
  fake.jobs.push(
    job('tune', {
      type: 'sweep',
      compute: 'cpu-cluster',
      progress: 0.35,
      doing: '7 of 20 trials'
    }),
    job('tune_3', { parent: 'tune', status: 'Completed', listPrice: 0.02 })
  );
  fake.wholeJobs['tune'] = {
    spec: {
      type: 'sweep',
      compute: 'cpu-cluster',
      displayName: 'tune',
      command:
        'python train.py --lr ${{search_space.learning_rate}} --depth ${{search_space.depth}}',
      searchSpace: {
        learning_rate: { type: 'loguniform', minValue: -9, maxValue: -1 },
        depth: { type: 'quniform', minValue: 3, maxValue: 9, q: 1 },
        booster: { type: 'choice', values: ['gbtree', 'dart'] }
      },
      sampling: { type: 'random', rule: 'sobol' },
      objective: { goal: 'maximize', primaryMetric: 'accuracy' },
      limits: { maxTotalTrials: 20, maxConcurrentTrials: 2 },
      earlyTermination: { type: 'bandit', slackFactor: 0.1 }
    }
  };
  fake.wholeJobs['tune_3'] = {
    spec: {
      type: 'command',
      command: 'python train.py',
      compute: 'cpu-cluster',
      parent: 'tune'
    }
  };
  const value = RATES.map((_, number) => trial(number));
  Object.assign(value[2] ?? {}, {
    status: 'Canceled',
    metric: 0.81,
    terminated: 'accuracy 0.81 after 4 reports, the best had 0.91 by then'
  });
  Object.assign(value[5] ?? {}, {
    status: 'Failed',
    metric: null,
    cause: 'out of memory: 14.2 of 14 GB'
  });
  Object.assign(value[6] ?? {}, { status: 'Running', endedAt: null });
  fake.parts['tune/trials'] = {
    value,
    primaryMetric: 'accuracy',
    goal: 'maximize',
    total: 20,
    best: 'tune_3'
  } satisfies Schemas['TrialList'];
  return fake;
}
