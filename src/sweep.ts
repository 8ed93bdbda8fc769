/** The trials of a sweep as a table sorts them and as axes place them. Pure. */
import { scale } from './plotmath';
import { isFinal } from './status';
import type { Job, Trial } from './wire';
import { secondsBetween } from './words';

export type SweepSpec = Extract<Job['spec'], { type: 'sweep' }>;
export type Value = string | number | boolean;

/** What the table is sorted by: a column of its own, or a parameter. */
export type Column =
  | { kind: 'number' | 'state' | 'metric' | 'time' }
  | { kind: 'parameter'; name: string };

export interface ISorting {
  column: Column;
  isDown: boolean;
}

export function isSameColumn(one: Column, other: Column): boolean {
  return (
    one.kind === other.kind &&
    (one.kind !== 'parameter' ||
      (other.kind === 'parameter' && one.name === other.name))
  );
}

/** Sorted by a column; what has no value there comes last, whichever way it is sorted. */
export function sortTrials(
  trials: readonly Trial[],
  { column, isDown }: ISorting,
  now: number
): Trial[] {
  const sign = isDown ? -1 : 1;
  return trials
    .map(trial => ({ trial, key: keyOf(trial, column, now) }))
    .sort((one, other) => {
      if (one.key === null || other.key === null) {
        return (
          Number(one.key === null) - Number(other.key === null) ||
          one.trial.number - other.trial.number
        );
      }
      return (
        sign * compare(one.key, other.key) ||
        one.trial.number - other.trial.number
      );
    })
    .map(({ trial }) => trial);
}

function keyOf(trial: Trial, column: Column, now: number): Value | null {
  switch (column.kind) {
    case 'number':
      return trial.number;
    case 'state':
      return trial.terminated ? 'Terminated' : trial.status;
    case 'metric':
      return trial.metric;
    case 'time':
      return secondsOf(trial, now);
    case 'parameter':
      return trial.parameters[column.name] ?? null;
  }
}

function compare(one: Value, other: Value): number {
  if (typeof one === 'number' && typeof other === 'number') {
    return one - other;
  }
  const [a, b] = [String(one), String(other)];
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Seconds that it ran, or runs; null before it began. */
export function secondsOf(
  trial: Pick<Trial, 'startedAt' | 'endedAt'>,
  now: number
): number | null {
  return trial.startedAt
    ? secondsBetween(trial.startedAt, trial.endedAt ?? now)
    : null;
}

export interface ICounts {
  ended: number;
  running: number;
  early: number;
  failed: number;
}

export function countTrials(trials: readonly Trial[]): ICounts {
  const ended = trials.filter(trial => isFinal(trial.status));
  return {
    ended: ended.length,
    running: trials.filter(trial => trial.status === 'Running').length,
    early: ended.filter(trial => trial.terminated !== '').length,
    failed: ended.filter(trial => trial.status === 'Failed').length
  };
}

/** Where a value lies on an axis, from 0 to 1, and what stands beside the axis. */
export interface IAxis {
  name: string;
  at(value: Value): number;
  ticks: readonly { at: number; label: string }[];
}

/** Values that differ more than this much are seen on a logarithmic axis only. */
const WIDE = 100;

/** An axis for the values: linear, logarithmic where they span orders, or one place for each. */
export function axisOf(
  name: string,
  values: readonly Value[],
  format: (value: number) => string
): IAxis {
  const numbers = values.filter(
    (value): value is number => typeof value === 'number'
  );
  if (!values.length || numbers.length < values.length) {
    return placesOf(name, values);
  }
  const low = Math.min(...numbers);
  const high = Math.max(...numbers);
  const isLog = low > 0 && high / low >= WIDE;
  const along = scale([low, high], [0, 1], 4, isLog);
  const marks = isLog ? powersBetween(low, high) : along.ticks;
  return {
    name,
    at: value => (low === high ? 0.5 : along(Number(value))),
    ticks:
      low === high
        ? [{ at: 0.5, label: format(low) }]
        : marks.map(mark => ({ at: along(mark), label: format(mark) }))
  };
}

/** One place for each word, in the order of the alphabet. */
function placesOf(name: string, values: readonly Value[]): IAxis {
  const words = Array.from(new Set(values.map(String))).sort();
  const at = (value: Value) =>
    (words.indexOf(String(value)) + 0.5) / (words.length || 1);
  return {
    name,
    at,
    ticks: words.map(word => ({ at: at(word), label: word }))
  };
}

function powersBetween(low: number, high: number): number[] {
  const first = Math.ceil(Math.log10(low) - 1e-9);
  const last = Math.floor(Math.log10(high) + 1e-9);
  const every = Math.max(1, Math.ceil((last - first + 1) / 5));
  const powers: number[] = [];
  for (let power = first; power <= last; power += every) {
    powers.push(Number(`1e${power}`));
  }
  return powers.length ? powers : [low, high];
}

/** The parameters of the search space that the trials differ in come first. */
export function parametersOf(
  trials: readonly Trial[],
  spec: Pick<SweepSpec, 'searchSpace'>
): string[] {
  const names = new Set(Object.keys(spec.searchSpace));
  for (const trial of trials) {
    Object.keys(trial.parameters).forEach(name => names.add(name));
  }
  const differs = (name: string) =>
    new Set(trials.map(trial => trial.parameters[name])).size > 1;
  return Array.from(names).sort(
    (one, other) => Number(differs(other)) - Number(differs(one))
  );
}

/** The trials that can be drawn: those with a value of the metric. */
export function measured(
  trials: readonly Trial[]
): (Trial & { metric: number })[] {
  return trials.filter(
    (trial): trial is Trial & { metric: number } =>
      typeof trial.metric === 'number' && Number.isFinite(trial.metric)
  );
}
