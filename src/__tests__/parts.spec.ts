import { nullTranslator } from '@jupyterlab/translation';
import {
  branchOf,
  graphSteps,
  jobOf,
  pipelineProgress,
  stepLabel,
  stepNote,
  stepState
} from '../pipeline';
import { pipelineCode, sweepYaml } from '../partscode';
import { partsPrice } from '../runwords';
import { axisOf, countTrials, parametersOf, sortTrials } from '../sweep';
import { limitWords, policyWords, progressOf, trialState } from '../sweepwords';
import type { StepRow, Trial, TrialList } from '../wire';

const trans = nullTranslator.load('jupyter_aml');
const step = (name: string, fields: Partial<StepRow> = {}): StepRow => ({
  name,
  type: 'command',
  job: '',
  status: 'NotStarted',
  reason: '',
  needs: [],
  reads: {},
  block: '',
  component: '',
  displayName: '',
  compute: '',
  reusedFrom: '',
  inputs: {},
  outputs: {},
  startedAt: null,
  endedAt: null,
  progress: null,
  listPrice: null,
  ...fields
});

describe('a step', () => {
  it('comes after the condition that decides about it', () => {
    const one = step('deploy', { block: 'good.enough.true', needs: ['train'] });
    expect(branchOf(one)).toEqual({
      from: 'good.enough',
      to: 'deploy',
      isTrue: true
    });
    expect(graphSteps([one])).toEqual([
      { name: 'deploy', needs: ['train', 'good.enough'] }
    ]);
    expect(branchOf(step('prep'))).toBeNull();
  });

  it('says why it did not run', () => {
    const skipped = step('deploy', {
      status: 'Skipped',
      reason: 'the condition is false'
    });
    expect(stepState(skipped, trans).word).toBe('Skipped');
    expect(stepNote(skipped, trans)).toBe('the condition is false');
    expect(jobOf(skipped)).toBe('');
  });

  it('names the run whose outputs it took, and leads there', () => {
    const reused = step('prep', {
      status: 'Completed',
      reusedFrom: 'churn-1-prep',
      outputs: { data: '/o' }
    });
    expect(stepNote(reused, trans)).toBe('reused from churn-1-prep');
    expect(jobOf(reused)).toBe('churn-1-prep');
  });

  it('is said as a whole', () => {
    const done = step('train', {
      status: 'Completed',
      job: 'p-train',
      needs: ['prep'],
      startedAt: '2026-01-01T00:00:00Z',
      endedAt: '2026-01-01T00:00:12Z',
      outputs: { model: '/m' }
    });
    expect(stepLabel(done, 0, trans)).toBe(
      'train, Completed, 12\u00a0s, left model, after prep'
    );
  });

  it('is counted', () => {
    const steps = [
      step('a', { status: 'Completed', reusedFrom: 'x' }),
      step('b', { status: 'Running' }),
      step('c', { status: 'Skipped' })
    ];
    expect(pipelineProgress(steps, trans)).toBe(
      '1 of 3 steps completed, 1 reused, 1 running, 1 skipped'
    );
  });
});

const trial = (number: number, fields: Partial<Trial> = {}): Trial => ({
  number,
  job: `t_${number}`,
  status: 'Completed',
  statusReason: '',
  parameters: {},
  metric: null,
  reports: 0,
  best: false,
  terminated: '',
  cause: '',
  createdAt: '',
  startedAt: null,
  endedAt: null,
  ...fields
});

describe('trials', () => {
  const numbers = (trials: readonly Trial[]) => trials.map(one => one.number);

  it('are sorted by a number, those without one last either way', () => {
    const trials = [
      trial(0, { metric: 0.5 }),
      trial(1),
      trial(2, { metric: 10 }),
      trial(3, { metric: 9 })
    ];
    const column = { kind: 'metric' } as const;
    expect(numbers(sortTrials(trials, { column, isDown: false }, 0))).toEqual([
      0, 3, 2, 1
    ]);
    expect(numbers(sortTrials(trials, { column, isDown: true }, 0))).toEqual([
      2, 3, 0, 1
    ]);
  });

  it('are sorted by a parameter, be it a word', () => {
    const trials = ['b', 'a', 'b'].map((kind, number) =>
      trial(number, { parameters: { kind } })
    );
    const column = { kind: 'parameter', name: 'kind' } as const;
    expect(numbers(sortTrials(trials, { column, isDown: false }, 0))).toEqual([
      1, 0, 2
    ]);
  });

  it('are sorted by the time that they run', () => {
    const at = (second: number) =>
      new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString();
    const trials = [
      trial(0, { startedAt: at(0), endedAt: at(9) }),
      trial(1, { startedAt: at(5) })
    ];
    const now = Date.parse(at(7));
    const column = { kind: 'time' } as const;
    expect(numbers(sortTrials(trials, { column, isDown: false }, now))).toEqual(
      [1, 0]
    );
  });

  it('are counted, and said', () => {
    const value = [
      trial(0),
      trial(1, { status: 'Canceled', terminated: 'worse than the best' }),
      trial(2, { status: 'Running' }),
      trial(3, { status: 'Failed' })
    ];
    expect(countTrials(value)).toEqual({
      ended: 3,
      running: 1,
      early: 1,
      failed: 1
    });
    expect(progressOf({ value, total: 20 } as TrialList, trans)).toBe(
      '3 of 20 trials ended, 1 running, 1 ended early, 1 failed'
    );
  });

  it('that a policy ended are not canceled ones', () => {
    const early = trial(0, { status: 'Canceled', terminated: 'why' });
    expect(trialState(early, trans).word).toBe('Ended early');
    const canceled = trial(0, { status: 'Canceled' });
    expect(trialState(canceled, trans).word).toBe('Canceled');
  });

  it('show the parameters first in which they differ', () => {
    const trials = [
      trial(0, { parameters: { fixed: 1, lr: 0.1 } }),
      trial(1, { parameters: { fixed: 1, lr: 0.2 } })
    ];
    const searchSpace = { fixed: {}, lr: {} } as never;
    expect(parametersOf(trials, { searchSpace })).toEqual(['lr', 'fixed']);
  });
});

describe('an axis', () => {
  const labels = (axis: ReturnType<typeof axisOf>) =>
    axis.ticks.map(tick => tick.label);

  it('is linear, and covers the values', () => {
    const axis = axisOf('x', [0, 5, 10], String);
    expect(axis.at(5)).toBe(0.5);
    expect(labels(axis)).toContain('4');
  });

  it('is logarithmic where values span orders', () => {
    const axis = axisOf('lr', [1e-4, 1e-2, 1], String);
    expect(axis.at(1e-2)).toBeCloseTo(0.5);
    expect(labels(axis)).toEqual(['0.0001', '0.001', '0.01', '0.1', '1']);
  });

  it('has one place for each word', () => {
    const axis = axisOf('kind', ['b', 'a', 'b', true], String);
    expect(labels(axis)).toEqual(['a', 'b', 'true']);
    expect(axis.at('b')).toBe(0.5);
  });

  it('of one value has it in the middle', () => {
    const axis = axisOf('x', [3, 3], String);
    expect(axis.at(3)).toBe(0.5);
    expect(labels(axis)).toEqual(['3']);
  });
});

describe('words of a sweep', () => {
  it('say what it ends early, and how many it tries', () => {
    const earlyTermination = { type: 'bandit', slackFactor: 0.1 } as const;
    expect(policyWords({ earlyTermination }, trans)).toBe(
      'worse than the best by factor 0.1'
    );
    expect(policyWords({ earlyTermination: null }, trans)).toBe('none');
    const limits = { maxConcurrentTrials: 2 };
    expect(limitWords({ limits }, 8, trans)).toBe('8 at most, 2 at once');
  });

  it('add up what the trials cost, until the whole has a receipt', () => {
    const parts = [{ listPrice: 0.2 }, { listPrice: null }, { listPrice: 0.3 }];
    expect(partsPrice({ receipt: null }, parts)).toBeCloseTo(0.5);
    const receipt = { listPrice: 0.7 } as never;
    expect(partsPrice({ receipt }, parts)).toBe(0.7);
  });
});

describe('code', () => {
  it('of a sweep is a file of Azure ML; names of parameters stay as they are', () => {
    const yaml = sweepYaml({
      type: 'sweep',
      command: 'python t.py',
      compute: 'local',
      searchSpace: {
        learnRate: { type: 'uniform', minValue: 0, maxValue: 1 }
      },
      objective: { goal: 'minimize', primaryMetric: 'loss' },
      limits: { maxTotalTrials: 8, maxConcurrentTrials: null },
      timeout: 60,
      inputs: {}
    });
    expect(yaml.split('\n')).toEqual([
      'type: "sweep"',
      'compute: "local"',
      'trial: {"command":"python t.py"}',
      'search_space: {"learnRate":{"type":"uniform","min_value":0,"max_value":1}}',
      'objective: {"goal":"minimize","primary_metric":"loss"}',
      'limits: {"max_total_trials":8,"timeout":60}',
      ''
    ]);
  });

  it('of a pipeline is what its steps run', () => {
    const jobs = {
      prep: { type: 'job', component: { type: 'command', command: 'a' } },
      good: { type: 'if_else', condition: '${{parent.inputs.x}}' },
      score: { type: 'job', component: 'azureml:score:1' }
    } as never;
    expect(pipelineCode({ jobs })).toBe(
      '# prep\na\n\n# good\nif ${{parent.inputs.x}}\n\n# score\nazureml:score:1'
    );
  });
});
