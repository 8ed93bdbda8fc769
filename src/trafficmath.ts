/** What the samples of an endpoint's deployments say: rates, quantiles and series. Pure. */
import type { ISeries } from './metrics';
import type { DeploymentTraffic, TrafficSample } from './wire';

/** How far back a figure looks that is called "now". */
export const NOW_SECONDS = 10;

export interface INow {
  /** Requests a second. */
  rate: number;
  /** Of 1; null when nothing was asked. */
  errorRate: number | null;
  /** Seconds; null when nothing was answered. */
  p95: number | null;
}

const SILENT: INow = { rate: 0, errorRate: null, p95: null };

/** The last seconds of one deployment, or of several together. */
export function nowOf(
  traffic: readonly DeploymentTraffic[],
  seconds = NOW_SECONDS
): INow {
  const all = traffic.flatMap(one => one.samples);
  const end = Math.max(0, ...all.map(one => one.time + one.seconds));
  const recent = all.filter(one => one.time >= end - seconds);
  const requests = sum(recent, one => one.requests);
  if (!requests) {
    return SILENT;
  }
  const since = Math.min(...recent.map(one => one.time));
  const answered = recent.filter(one => one.p95 !== null);
  return {
    rate: requests / Math.max(1, end - since),
    errorRate: sum(recent, one => one.errors) / requests,
    // A quantile of quantiles is none; weighed by requests it is near enough to be shown.
    p95: answered.length
      ? sum(answered, one => (one.p95 ?? 0) * one.requests) /
        Math.max(
          1,
          sum(answered, one => one.requests)
        )
      : null
  };
}

export function requestSeries(
  traffic: readonly DeploymentTraffic[]
): ISeries[] {
  return traffic.map(({ deployment, samples }) => ({
    name: deployment,
    points: samples.map(one => ({
      x: one.time,
      y: one.requests / (one.seconds || 1)
    }))
  }));
}

/** 95 % of the answers took at most this many milliseconds. */
export function latencySeries(
  traffic: readonly DeploymentTraffic[]
): ISeries[] {
  return traffic.map(({ deployment, samples }) => ({
    name: deployment,
    points: samples.flatMap(one =>
      one.p95 === null ? [] : [{ x: one.time, y: one.p95 * 1000 }]
    )
  }));
}

/** Requests of a deployment since a moment (seconds since 1970). */
export function requestsSince(
  traffic: readonly DeploymentTraffic[],
  deployment: string,
  since: number
): number {
  const found = traffic.find(one => one.deployment === deployment);
  return sum(
    (found?.samples ?? []).filter(one => one.time >= since),
    one => one.requests
  );
}

function sum(
  samples: readonly TrafficSample[],
  of: (sample: TrafficSample) => number
): number {
  return samples.reduce((total, one) => total + of(one), 0);
}

/** Percentages for two deployments that add up to 100, whichever of them was set. */
export function split(
  traffic: Readonly<Record<string, number>>,
  changed: string,
  percent: number
): Record<string, number> {
  const value = Math.min(100, Math.max(0, Math.round(percent) || 0));
  const others = Object.entries(traffic).filter(([name]) => name !== changed);
  const before = others.reduce((total, [, share]) => total + share, 0);
  let left = 100 - value;
  const result: Record<string, number> = {};
  others.forEach(([name, share], index) => {
    const part =
      index === others.length - 1
        ? left
        : Math.round(
            before
              ? (share / before) * (100 - value)
              : (100 - value) / others.length
          );
    result[name] = Math.min(left, part);
    left -= result[name] ?? 0;
  });
  return { ...result, [changed]: others.length ? value : 100 };
}
