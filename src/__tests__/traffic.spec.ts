import { nullTranslator } from '@jupyterlab/translation';
import {
  deploymentOf,
  deployTrouble,
  freeColour,
  newDeployForm
} from '../deployform';
import {
  doingWords,
  requestWords,
  ruleWords,
  stagesOf,
  stageWords,
  stepWords,
  trafficWords
} from '../endpointwords';
import { newestVersions } from '../store';
import { latencySeries, nowOf, requestsSince, split } from '../trafficmath';
import { deployTwins, invokeTwins } from '../endpointtwins';
import type {
  DeploymentTraffic,
  Model,
  OnlineEndpoint,
  Rollout
} from '../wire';

const trans = nullTranslator.load('jupyter_aml');

function traffic(
  deployment: string,
  ...samples: [
    time: number,
    requests: number,
    errors: number,
    p95: number | null
  ][]
): DeploymentTraffic {
  return {
    deployment,
    samples: samples.map(([time, requests, errors, p95]) => ({
      time,
      seconds: 1,
      requests,
      errors,
      refused: 0,
      p50: p95,
      p95,
      p99: p95,
      inFlight: 0,
      instances: 1
    }))
  };
}

describe('what the samples say of now', () => {
  it('counts the last seconds alone', () => {
    const one = traffic(
      'blue',
      [0, 1000, 1000, 9],
      [95, 20, 1, 0.2],
      [99, 30, 0, 0.1]
    );
    const now = nowOf([one]);
    expect(now.rate).toBeCloseTo(50 / 5);
    expect(now.errorRate).toBeCloseTo(1 / 50);
    expect(now.p95).toBeCloseTo((0.2 * 20 + 0.1 * 30) / 50);
  });
  it('knows nothing of silence', () => {
    expect(nowOf([])).toEqual({ rate: 0, errorRate: null, p95: null });
    expect(nowOf([traffic('blue', [5, 0, 0, null])]).p95).toBeNull();
  });
  it('draws no latency where nothing was answered', () => {
    const [series] = latencySeries([
      traffic('blue', [1, 0, 0, null], [2, 1, 0, 0.03])
    ]);
    expect(series?.points).toEqual([{ x: 2, y: 30 }]);
  });
  it('counts requests since a moment', () => {
    const all = [traffic('blue', [1, 7, 0, null], [2, 5, 0, null])];
    expect(requestsSince(all, 'blue', 2)).toBe(5);
    expect(requestsSince(all, 'green', 0)).toBe(0);
  });
});

describe('shares of traffic', () => {
  const sum = (shares: Record<string, number>) =>
    Object.values(shares).reduce((total, one) => total + one, 0);
  it.each([
    [{ blue: 100, green: 0 }, 'green', 10],
    [{ blue: 50, green: 30, red: 20 }, 'blue', 33],
    [{ blue: 0, green: 0, red: 0 }, 'blue', 1],
    [{ blue: 34, green: 33, red: 33 }, 'red', 0],
    [{ blue: 100, green: 0 }, 'blue', 250],
    [{ blue: 100 }, 'blue', 5]
  ])('of %j always sum to 100 when %s becomes %d', (before, name, percent) => {
    const after = split(before, name, percent);
    expect(sum(after)).toBe(100);
    expect(Object.values(after).every(one => one >= 0 && one <= 100)).toBe(
      true
    );
  });
  it('read most first', () => {
    expect(
      trafficWords({ traffic: { green: 10, blue: 90, red: 0 } }, trans)
    ).toBe('blue 90, green 10 %');
    expect(trafficWords({ traffic: {} }, trans)).toBe('no traffic');
  });
});

describe('a rollout in words', () => {
  const rollout: Rollout = {
    deployment: 'green',
    state: 'Running',
    step: 1,
    steps: [10, 50, 100],
    mirror: 0,
    secondsPerStep: 30,
    rule: {
      maxErrorRate: 0.05,
      maxP95Seconds: 0.2,
      maxP95Times: null,
      minRequests: 20,
      window: 10
    },
    startedAt: '2026-11-22T00:00:00Z',
    stepStartedAt: '2026-11-22T00:00:30Z',
    endedAt: null,
    before: { blue: 100 },
    reason: ''
  };
  const now = Date.parse('2026-11-22T00:00:40Z');
  it('tells what is over, what is watched and what comes', () => {
    expect(stepWords(rollout, 0, now, trans)).toBe('done');
    expect(stepWords(rollout, 1, now, trans)).toBe('next step in 20\u00a0s');
    expect(stepWords(rollout, 2, now, trans)).toBe('in 20\u00a0s');
  });
  it('says where it went back', () => {
    const back: Rollout = { ...rollout, state: 'RolledBack' };
    expect(stepWords(back, 1, now, trans)).toBe('went back');
    expect(stepWords(back, 2, now, trans)).toBe('');
  });
  it('begins with copies, where it was asked to', () => {
    const copied: Rollout = { ...rollout, mirror: 20, step: -1 };
    expect(stagesOf(rollout)).toEqual([0, 1, 2]);
    expect(stagesOf(copied).map(one => stageWords(copied, one, trans))).toEqual(
      ['Mirror 20 %', 'Live 10 %', 'Live 50 %', 'All to green']
    );
    expect(stepWords(copied, -1, now, trans)).toBe('next step in 20\u00a0s');
    expect(stepWords(copied, 1, now, trans)).toBe('in 50\u00a0s');
    const later: Rollout = { ...copied, step: 0 };
    expect(stepWords(later, -1, now, trans)).toBe('done');
  });
  it('names the rule and what is measured', () => {
    expect(ruleWords(rollout, { errorRate: 0.01, p95: 0.033 }, trans)).toBe(
      'Goes back by itself if errors pass 5 % (1 now) or p95 passes 200 ms (33 now).'
    );
  });
});

it('says how long a deployment usually takes to come up, where that is known', () => {
  const coming = { state: 'Creating', reason: 'Starting', stage: null };
  expect(doingWords(coming, trans)).toBe('Starting');
  const stage = {
    name: 'start' as const,
    startedAt: '2026-11-22T00:00:00Z',
    usualLow: 3,
    usualHigh: 5
  };
  expect(doingWords({ ...coming, stage }, trans)).toMatch(
    /^Starting, usually 3 to 5/
  );
  expect(doingWords({ ...coming, reason: '' }, trans)).toBe('Creating');
});

describe('the form of a deployment', () => {
  const model = { name: 'digits', version: '3' } as Model;
  const endpoint = {
    name: 'digits',
    traffic: { blue: 100 }
  } as unknown as OnlineEndpoint;
  it('begins with what a person would choose', () => {
    const form = newDeployForm(model, null, []);
    expect(form).toMatchObject({
      endpoint: 'digits',
      isNew: true,
      name: 'blue',
      start: 'all'
    });
    expect(deployTrouble(form, [], [], trans)).toBe('');
    expect(deploymentOf(form).model).toBe('azureml:digits:3');
  });
  it('takes a free colour beside what serves, and rolls out', () => {
    expect(freeColour(['blue', 'green'])).toBe('red');
    expect(newDeployForm(model, endpoint, []).start).toBe('rollout');
  });
  it.each([
    [{ endpoint: 'no spaces' }, /Endpoint name/],
    [{ isNew: true, endpoint: 'digits' }, /already/],
    [{ name: 'x' }, /Deployment name/],
    [{ name: 'blue' }, /already/],
    [{ name: 'green', min: 3, max: 2 }, /more than/],
    [{ name: 'green', max: 51 }, /Instances/]
  ])('refuses %j', (change, words) => {
    const form = { ...newDeployForm(model, endpoint, []), ...change };
    expect(deployTrouble(form, [endpoint], ['blue'], trans)).toMatch(words);
  });
  it('makes a name that an endpoint may have', () => {
    const form = newDeployForm({ ...model, name: '9_a' }, null, []);
    expect(deployTrouble(form, [], [], trans)).toBe('');
  });
});

it('keeps one row for each name: its newest version that is not archived', () => {
  const at = (version: string, createdAt: string, archived = false) => ({
    name: 'digits',
    version,
    createdAt,
    archived
  });
  const rows = newestVersions([at('1', 'a'), at('2', 'b'), at('3', 'c', true)]);
  expect(rows.map(one => one.version)).toEqual(['2']);
});

it('never writes a key into code', () => {
  const twins = invokeTwins(
    {
      name: 'digits',
      scoringUri: 'http://127.0.0.1:1/score',
      authMode: 'key'
    },
    `{"a": "it's"}`
  );
  expect(twins.curl).toContain('Bearer $KEY');
  expect(twins.curl).toContain(`'\\''`);
  expect(twins.curl).toContain(
    'online-endpoint keys digits -o json | jq -r .primary_key'
  );
  expect(twins.magic).toContain(`'{"a":"it'\\''s"}'`);
  expect(twins.python).toContain('os.environ');
});

it('deploys as code with the words of the verb, a rollout as a second line', () => {
  const deployment = {
    name: 'green',
    endpointName: 'digits',
    model: 'azureml:digits:2',
    instanceType: 'Standard_DS3_v2',
    scaleSettings: { minInstances: 1, maxInstances: 3 }
  };
  const { magic, python, cli } = deployTwins(deployment, 'rollout');
  expect(magic.split('\n')).toEqual([
    '%aml deploy digits:2 --endpoint digits --deployment green --min 1 --max 3 --instance-type Standard_DS3_v2',
    '%aml online-endpoint rollout digits --to green --mirror 10'
  ]);
  expect(python).toContain(
    'aml.deploy("digits:2", endpoint="digits", deployment="green", min=1, max=3, instance_type="Standard_DS3_v2")'
  );
  expect(python).toContain('endpoint.rollout("green", mirror=10)');
  expect(cli).toMatch(/^jupyter aml deploy digits:2 /);
  expect(deployTwins(deployment, 'all').magic).toMatch(/ --traffic 100$/);
  expect(deployTwins(deployment, 'none').magic).not.toContain('--traffic');
});

it('reads a line of the request log, and leaves alone what is none', () => {
  const line = JSON.stringify({
    method: 'POST',
    path: '/score',
    status: 200,
    ms: 29,
    instance: 'blue-1',
    code: ''
  });
  expect(requestWords(line)).toBe('POST /score 200 29 ms, blue-1');
  expect(requestWords('started')).toBe('started');
});

describe('a deployment with code of its own', () => {
  const model = { name: 'm', version: '1' } as never;
  const form = {
    ...newDeployForm(model, null, []),
    script: '/home/me/my code/score.py',
    environment: 'sk:2'
  };

  it('takes the folder of its script along', () => {
    expect(deploymentOf(form)).toMatchObject({
      code: '/home/me/my code',
      scoringScript: 'score.py',
      environment: 'sk:2'
    });
    expect(deploymentOf({ ...form, script: '/score.py' })).toMatchObject({
      code: '/',
      scoringScript: 'score.py'
    });
  });

  it('is written as it would be typed', () => {
    const { magic, python } = deployTwins(deploymentOf(form), 'all');
    expect(magic).toContain(
      ' --environment sk:2 --script "/home/me/my code/score.py" '
    );
    expect(python).toContain(
      'environment="sk:2", script="/home/me/my code/score.py"'
    );
  });

  it.each(['score.py', '/home/me/score', '/home/me/'])(
    'says what %s lacks',
    script => {
      const trouble = deployTrouble({ ...form, script }, [], [], trans);
      expect(trouble).toMatch(/^Script: /);
    }
  );
});
