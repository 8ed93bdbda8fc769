import { nullTranslator } from '@jupyterlab/translation';
import { CLUSTER, INSTANCE, JOB, NODE } from '../lifecycle';
import {
  CLUSTER_STATES,
  computeState,
  INSTANCE_STATES,
  isFinal,
  JOB_STATES,
  jobState,
  mayCancel,
  NODE_STATES,
  reasonOf
} from '../status';
import type { Compute } from '../wire';

const trans = nullTranslator.load('');

describe('the status table', () => {
  it.each([
    [JOB, JOB_STATES],
    [INSTANCE, INSTANCE_STATES],
    [CLUSTER, CLUSTER_STATES],
    [NODE, NODE_STATES]
  ])('has a shape and a word for each state', (machine, words) => {
    expect(Object.keys(words).sort()).toEqual(Object.keys(machine).sort());
  });

  it('shows a status of a newer service as Unknown, not raw', () => {
    const job = { status: 'Dreaming', statusReason: '', attempt: 1 };
    expect(jobState(job, trans)).toEqual({ shape: 'stale', word: 'Unknown' });
    expect(isFinal('Dreaming')).toBe(false);
    expect(mayCancel('Dreaming')).toBe(false);
  });

  it('offers Cancel exactly where the state machine allows it', () => {
    const cancelable = Object.keys(JOB).filter(mayCancel);
    expect(cancelable).toEqual([
      'NotStarted',
      'Queued',
      'Preparing',
      'Running',
      'Finalizing'
    ]);
  });
});

describe('the reason', () => {
  it.each([
    ['2nd in line', '2nd in line'],
    ['Canceled', ''], // the state's own word, said twice
    ['', '']
  ])('%j is shown as %j', (statusReason, shown) => {
    expect(reasonOf({ statusReason })).toBe(shown);
  });
});

describe('a cluster', () => {
  const cluster = (fields: Partial<Compute>): Compute =>
    ({
      spec: { type: 'amlcompute', name: 'c', size: 's', maxInstances: 4 },
      state: 'Steady',
      currentNodes: 1,
      targetNodes: 1,
      runningJobs: 0,
      ...fields
    }) as Compute;

  it.each([
    [{}, 'idle', 'Idle'],
    [{ runningJobs: 1 }, 'running', 'Running'],
    [
      { state: 'Resizing', targetNodes: 2, runningJobs: 1 },
      'preparing',
      'Scaling 1 to 2 of 4'
    ],
    [{ state: 'Failed' }, 'failed', 'Failed']
  ])('%j is %s %s', (fields, shape, word) => {
    expect(computeState(cluster(fields), trans)).toEqual({ shape, word });
  });
});
