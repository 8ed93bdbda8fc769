/** Endpoints, deployments and instances in words. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { shares } from './endpointactions';
import { usually } from './waitwords';
import type { OnlineDeployment, OnlineEndpoint, Rollout } from './wire';
import { duration, rate } from './words';

/** "blue 90, green 10 %"; nothing without traffic. */
export function trafficWords(
  endpoint: Pick<OnlineEndpoint, 'traffic'>,
  trans: TranslationBundle
): string {
  const parts = shares(endpoint).map(([name, percent]) => `${name} ${percent}`);
  return parts.length
    ? trans.__('%1 %', parts.join(', '))
    : trans.__('no traffic');
}

/** What its instances list at in Azure: "$0.88/h would be, 3 instances". */
export function rehearsalRate(
  deployments: readonly OnlineDeployment[],
  trans: TranslationBundle
): string {
  const count = countInstances(deployments);
  const instances = trans._n('%1 instance', '%1 instances', count);
  const perHour = ratePerHour(deployments);
  return perHour
    ? trans.__('%1 would be, %2', rate(perHour, trans), instances)
    : instances;
}

export function ratePerHour(deployments: readonly OnlineDeployment[]): number {
  return deployments.reduce(
    (sum, one) => sum + (one.listPricePerHour ?? 0) * countInstances([one]),
    0
  );
}

/** Instances that are up or on their way. */
export function countInstances(
  deployments: readonly OnlineDeployment[]
): number {
  return deployments
    .flatMap(one => one.instances)
    .filter(one => one.state !== 'Ended').length;
}

/** What it waits for, and how long that usually takes here: "Starting, usually 3 to 5 s". */
export function doingWords(
  one: Pick<OnlineDeployment, 'reason' | 'stage' | 'state'>,
  trans: TranslationBundle
): string {
  const usual = one.stage ? usually(one.stage, trans) : '';
  return [one.reason || one.state, usual].filter(Boolean).join(', ');
}

/** "churn:4" of "azureml:churn:4". */
export function modelName(reference: string): string {
  return reference.replace(/^azureml:/, '');
}

/** Indices of its steps; -1 is the one in which requests are only copied. */
export function stagesOf(rollout: Rollout): number[] {
  const live = rollout.steps.map((_, index) => index);
  return rollout.mirror ? [-1, ...live] : live;
}

/** "Mirror 10 %", "Live 10 %", "All to green". */
export function stageWords(
  rollout: Rollout,
  index: number,
  trans: TranslationBundle
): string {
  const percent = rollout.steps[index];
  if (percent === undefined) {
    return trans.__('Mirror %1 %', rollout.mirror);
  }
  return percent === 100
    ? trans.__('All to %1', rollout.deployment)
    : trans.__('Live %1 %', percent);
}

/** When a step of a rollout ends, or how long the step that was reached has taken. */
export function stepWords(
  rollout: Rollout,
  index: number,
  now: number,
  trans: TranslationBundle
): string {
  if (index < rollout.step || rollout.state === 'Succeeded') {
    return trans.__('done');
  }
  if (rollout.state !== 'Running') {
    return index === rollout.step ? trans.__('went back') : '';
  }
  const since = (now - Date.parse(rollout.stepStartedAt)) / 1000;
  const left = Math.max(0, rollout.secondsPerStep - since);
  if (index === rollout.step) {
    const isLast = index === rollout.steps.length - 1;
    return isLast
      ? trans.__('watched %1 more', duration(left, trans))
      : trans.__('next step in %1', duration(left, trans));
  }
  const until = left + (index - rollout.step - 1) * rollout.secondsPerStep;
  return trans.__('in %1', duration(until, trans));
}

/** The rule by which a rollout goes back, with what is measured now. */
export function ruleWords(
  rollout: Rollout,
  now: { errorRate: number | null; p95: number | null },
  trans: TranslationBundle
): string {
  const { maxErrorRate, maxP95Seconds, maxP95Times } = rollout.rule;
  const errors = trans.__(
    'errors pass %1 % (%2 now)',
    percent(maxErrorRate ?? 0.05),
    now.errorRate === null ? '–' : percent(now.errorRate)
  );
  const latency =
    maxP95Seconds === null || maxP95Seconds === undefined
      ? ''
      : trans.__(
          ' or p95 passes %1 ms (%2 now)',
          Math.round(maxP95Seconds * 1000),
          now.p95 === null ? '–' : Math.round(now.p95 * 1000)
        );
  const slower = maxP95Times
    ? trans.__(' or p95 passes %1 times that of what serves now', maxP95Times)
    : '';
  return trans.__('Goes back by itself if %1%2%3.', errors, latency, slower);
}

function percent(part: number): string {
  return String(Number((part * 100).toFixed(1)));
}

/** A line of the router's request log: "POST /score 200 29 ms, blue-1". Anything else as it is. */
export function requestWords(line: string): string {
  try {
    const one = JSON.parse(line);
    const parts = [one.method, one.path, one.status, `${one.ms} ms`];
    const where = one.instance || one.deployment || '';
    return [parts.join(' '), one.code, where].filter(Boolean).join(', ');
  } catch {
    return line;
  }
}
