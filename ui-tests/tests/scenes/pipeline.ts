/** A pipeline of seven steps that is half way. */
import type { components } from '../../../src/api';
import { AGO, cluster, FakeService, job } from '../fake';

type Schemas = components['schemas'];

function step(
  name: string,
  status: string,
  fields: Partial<Schemas['StepRow']> = {}
): Schemas['StepRow'] {
  const ran = ['Completed', 'Failed'].includes(status);
  return {
    name,
    type: 'command',
    job: ran || status === 'Running' ? `churn-${name}` : '',
    status,
    reason: '',
    needs: [],
    reads: {},
    block: '',
    displayName: '',
    reusedFrom: '',
    inputs: {},
    outputs: {},
    progress: null,
    listPrice: null,
    startedAt: ran || status === 'Running' ? AGO(300) : null,
    endedAt: ran ? AGO(262) : null,
    ...fields
  };
}

const STEPS: Schemas['StepRow'][] = [
  step('prep', 'Completed', {
    job: '',
    reusedFrom: 'churn-monday-prep',
    outputs: { data: '/jobs/churn-monday-prep/outputs/data' }
  }),
  step('features', 'Completed', {
    needs: ['prep'],
    reads: { raw: 'prep.data' },
    outputs: { table: '/jobs/churn-features/outputs/table' },
    listPrice: 0.012
  }),
  step('train', 'Running', {
    displayName: 'Train the model',
    needs: ['features'],
    reads: { table: 'features.table' },
    inputs: { rate: '0.1' },
    progress: 0.4
  }),
  step('score', 'NotStarted', {
    type: 'parallel',
    needs: ['features', 'train'],
    reason: 'waits for train'
  }),
  step('good', 'NotStarted', { type: 'if_else', needs: ['train'] }),
  step('register', 'NotStarted', { block: 'good.true', needs: ['good'] }),
  step('notify', 'Skipped', {
    block: 'good.false',
    needs: ['good'],
    reason: 'good is true'
  })
];

export function pipeline(): FakeService {
  const fake = new FakeService();
  fake.computes.push(cluster(1));
  fake.jobs.push(
    job('churn', { type: 'pipeline', progress: 0.4, doing: '2 of 7 steps' }),
    job('churn-features', { parent: 'churn', status: 'Completed' })
  );
  fake.wholeJobs['churn'] = {
    spec: {
      type: 'pipeline',
      compute: 'cpu-cluster',
      displayName: 'churn',
      jobs: {}
    }
  };
  fake.wholeJobs['churn-features'] = {
    spec: { type: 'command', command: 'python features.py', parent: 'churn' }
  };
  fake.parts['churn/steps'] = { value: STEPS } satisfies Schemas['StepList'];
  return fake;
}
