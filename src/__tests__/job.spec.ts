import { nullTranslator } from '@jupyterlab/translation';
import { changedLines } from '../cellnow';
import { twin, twinsOf } from '../codetwin';
import { readOptions, withOptions } from '../magic';
import { groupsOf, Metrics, rowOf, toCsv } from '../metrics';
import { domainOf, labelHeights, lineOf, scale, thin } from '../plotmath';
import { secondsOf, specWith } from '../rerun';
import { seriesOf } from '../samples';
import { IStatusChange, stagesOf, stageTime } from '../stagelist';
import type { Job, JobEvent, Wait, WaitStage } from '../wire';

const trans = nullTranslator.load('jupyter_aml');
const T0 = Date.parse('2026-01-01T00:00:00Z');
const at = (seconds: number) => new Date(T0 + seconds * 1000).toISOString();

function job(fields: Partial<Job> = {}, spec: object = {}): Job {
  return {
    name: 'j1',
    status: 'Running',
    diagnosis: null,
    ...fields,
    spec: { type: 'cell', source: '%%aml -c a\nx = 1', compute: 'a', ...spec }
  } as Job;
}

describe('stages', () => {
  const statuses: IStatusChange[] = [
    { status: 'Queued', since: at(0) },
    { status: 'Preparing', since: at(10) },
    { status: 'Running', since: at(40) }
  ];
  const words = (facts: Parameters<typeof stagesOf>[0], hasEnded = false) =>
    stagesOf(facts).map(stage => [
      stage.name,
      stage.state,
      stageTime(stage, hasEnded, trans)
    ]);

  it('follow from the statuses when nothing else is known', () => {
    const now = T0 + 100_000;
    const facts = { job: job(), wait: null, statuses, toldAt: 0, now };
    expect(words(facts)).toEqual([
      ['queued', 'done', '0:10'],
      ['node', 'done', '0:30'],
      ['running', 'current', '1:00'],
      ['outputs', 'ahead', 'not yet']
    ]);
  });

  it('say how long each usually takes, and go on between two answers', () => {
    const stage = (fields: Partial<WaitStage>) =>
      ({
        seconds: 0,
        usualLow: null,
        usualHigh: null,
        reason: '',
        slower: false,
        ...fields
      }) as WaitStage;
    const wait = {
      waiting: true,
      stages: [
        stage({
          name: 'queued',
          state: 'done',
          seconds: 41,
          usualLow: 30,
          usualHigh: 30.4
        }),
        stage({
          name: 'node',
          state: 'current',
          seconds: 60,
          usualLow: 180,
          usualHigh: 300
        }),
        stage({
          name: 'process',
          state: 'ahead',
          usualLow: 0.1,
          usualHigh: 0.4
        })
      ]
    } as Wait;
    const now = T0 + 5000;
    const facts = {
      job: job({ status: 'Queued' }),
      wait,
      statuses: statuses.slice(0, 1),
      toldAt: T0,
      now
    };
    expect(words(facts)).toEqual([
      ['queued', 'done', '0:41, usually 0:30'],
      ['node', 'current', '1:05, usually 3:00 to 5:00'],
      ['process', 'ahead', 'usually under 1 s'],
      ['running', 'ahead', 'not yet'],
      ['outputs', 'ahead', 'not yet']
    ]);
  });

  it('tell where a job failed, of its newest attempt', () => {
    const twice = [
      ...statuses,
      { status: 'Queued', since: at(50) },
      { status: 'Running', since: at(51) },
      { status: 'Failed', since: at(651) }
    ];
    const now = T0 + 9e6;
    const facts = {
      job: job({ status: 'Failed' }),
      wait: null,
      statuses: twice,
      toldAt: 0,
      now
    };
    const found = words(facts, true);
    expect(found[2]).toEqual(['running', 'failed', 'failed after 10:00']);
    expect(found[3]).toEqual(['outputs', 'ahead', 'not reached']);
  });
});

describe('metrics', () => {
  const logged = (name: string, value: number, step?: number) =>
    ({ kind: 'metric', name, value, step }) as JobEvent;

  it('are series by name, the newest value of a step counts', () => {
    const metrics = new Metrics();
    metrics.add([
      logged('loss', 2),
      logged('loss', 1),
      logged('acc', 0.5, 10),
      logged('acc', 0.7, 10),
      logged('loss', NaN)
    ]);
    expect(metrics.series.get('loss')?.points).toEqual([
      { x: 0, y: 2 },
      { x: 1, y: 1 }
    ]);
    expect(metrics.series.get('acc')?.points).toEqual([{ x: 10, y: 0.7 }]);
    expect(toCsv(metrics.series.values())).toBe(
      'metric,step,value\nloss,0,2\nloss,1,1\nacc,10,0.7\n'
    );
  });

  it('of MLflow join those of the events, which are newer', () => {
    const metrics = new Metrics();
    metrics.add([logged('loss', 2)]);
    const times = [0, 0];
    metrics.fill([
      { name: 'loss', steps: [0, 1], times, values: [9, 8] },
      { name: 'acc', steps: [0, 5], times, values: [null, 0.5] }
    ]);
    expect(metrics.series.get('loss')?.points).toEqual([{ x: 0, y: 2 }]);
    expect(metrics.series.get('acc')?.points).toEqual([{ x: 5, y: 0.5 }]);
  });

  it('have a best value: the least of a loss, else the greatest', () => {
    const points = [3, 1, 2].map((y, x) => ({ x, y }));
    expect(rowOf({ name: 'val_loss', points })).toMatchObject({
      best: 1,
      at: 1,
      last: 2
    });
    expect(rowOf({ name: 'accuracy', points })).toMatchObject({
      best: 3,
      at: 0
    });
  });

  it('share a plot when they are of one thing', () => {
    const series = ['train_loss', 'val_loss', 'lr'].map(name => ({
      name,
      points: []
    }));
    const groups = groupsOf(series).map(([name, group]) => [
      name,
      group.length
    ]);
    expect(groups).toEqual([
      ['loss', 2],
      ['lr', 1]
    ]);
  });
});

describe('a plot', () => {
  const points = (...ys: number[]) => ys.map((y, x) => ({ x, y }));

  it('covers round values, from 0 unless that is far', () => {
    expect(domainOf(points(0.3, 2.1))).toEqual([0, 3]);
    expect(domainOf(points(99.5, 100))[0]).toBeGreaterThan(90);
    expect(domainOf([])).toEqual([0, 1]);
    expect(domainOf(points(0, 5, 50), true)).toEqual([5, 50]);
    expect(domainOf(points(5), false, [0, 14])).toEqual([0, 14]);
    expect(domainOf(points(0, 0))).toEqual([0, 1]);
  });

  it('maps values to places', () => {
    const y = scale([0, 10], [100, 0], 3);
    expect([y(0), y(5), y(10)]).toEqual([100, 50, 0]);
    const log = scale([1, 100], [0, 10], 3, true);
    expect(log(10)).toBeCloseTo(5);
    const x = scale([0, 1], [0, 50], 3);
    expect(lineOf(points(0, 10), x, y)).toBe('0.0,100.0 50.0,0.0');
  });

  it('draws the peaks of many points', () => {
    const many = Array.from({ length: 10_000 }, (_, x) => ({
      x,
      y: x === 5000 ? 99 : 1
    }));
    const kept = thin(many, 600);
    expect(kept.length).toBeLessThanOrEqual(620);
    expect(kept.some(point => point.y === 99)).toBe(true);
  });

  it('moves labels apart, inside of its height', () => {
    expect(labelHeights([10, 12, 80], 13, 100)).toEqual([10, 23, 80]);
    expect(labelHeights([95, 99], 13, 100)).toEqual([87, 100]);
  });
});

describe('options on the line of a cell', () => {
  it.each([
    ['%%aml -c a\nx', '--compute b', '%%aml --compute b\nx'],
    [
      '%%aml -c a -o y\nx',
      '--compute b --timeout 20m',
      '%%aml -o y --compute b --timeout 20m\nx'
    ],
    [
      '%%aml --compute=a --no-out\nx',
      '--compute b',
      '%%aml --no-out --compute b\nx'
    ],
    ['%%aml -c a --no-out\nx', '--no-out', '%%aml -c a --no-out\nx'],
    ['%%aml\nx', '--nodes 2', '%%aml --nodes 2\nx'],
    ['%%aml -n 4 -c a\nx', '--nodes 2', '%%aml -c a --nodes 2\nx'],
    ['x', '--compute b', '%%aml --compute b\nx']
  ])('%j with %s', (source, options, expected) => {
    expect(withOptions(source, options)).toBe(expected);
  });

  it('are read with their values', () => {
    expect(readOptions('--env A="b c" --no-out --tag x=y')).toEqual([
      ['--env', 'A="b c"'],
      ['--no-out', ''],
      ['--tag', 'x=y']
    ]);
  });

  it('change a spec that is sent again, or say that they cannot', () => {
    const spec = job({}, { type: 'command', command: 'ls' }).spec;
    expect(
      specWith(spec, '--compute b --timeout 1h30m --nodes 2')
    ).toMatchObject({
      command: 'ls',
      compute: 'b',
      timeout: 5400,
      instanceCount: 2
    });
    expect(specWith(spec, '--inputs a')).toBeNull();
    expect([secondsOf('90'), secondsOf('10m')]).toEqual([90, 600]);
  });
});

it('has a twin of each job in code', () => {
  const command = job({}, { type: 'command', command: 'python "a b.py"' });
  expect(twinsOf(command)).toEqual(['python', 'cli', 'yaml']);
  expect(twin(command, 'yaml')).toContain('command: "python \\"a b.py\\""');
  expect(twin(command, 'python')).toContain('aml.JobHandle("j1")');
  expect(twin(job({}, { source: 'x = 1' }), 'magic')).toBe(
    '%%aml --compute a\nx = 1'
  );
  expect(twin(job(), 'magic')).toBe('%%aml -c a\nx = 1');
});

it('has series of what was measured only', () => {
  const samples = [
    { time: at(0), cpu: 1, memoryBytes: 0 },
    { time: at(2), cpu: 2, memoryBytes: 0, gpu: 0.5 }
  ];
  expect(seriesOf(samples, 'gpu', one => one.gpu).points).toEqual([
    { x: T0 / 1000 + 2, y: 0.5 }
  ]);
});

it('tells which lines of a cell changed since it ran', () => {
  expect(changedLines('a\nb\nc', 'a\nB\nc\nd')).toEqual(new Set([1]));
  expect(changedLines('a', 'a').size).toBe(0);
});
