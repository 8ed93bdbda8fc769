/** The metrics that a job logged, as series; and what a table says of them. Pure. */
import type { JobEvent, JobMetrics } from './wire';

export interface IPoint {
  x: number;
  y: number;
}

export interface ISeries {
  name: string;
  points: IPoint[];
}

/** More points than pixels are not drawn; the newest value is always kept. */
const MOST_POINTS = 20_000;

export class Metrics {
  readonly series = new Map<string, ISeries>();

  add(events: readonly JobEvent[]): void {
    for (const event of events) {
      if (event.kind === 'metric' && event.name && isNumber(event.value)) {
        this._told.add(event.name);
        this._put(event.name, event.step ?? null, event.value);
      }
    }
  }

  /** Take the series that only MLflow knows, whole; what the job's events tell is live anyway. */
  fill(metrics: JobMetrics['metrics']): void {
    for (const { name, steps, values } of metrics) {
      if (!this._told.has(name)) {
        const points = values.flatMap((y, index) =>
          isNumber(y) ? [{ x: steps[index] ?? index, y }] : []
        );
        this.series.set(name, { name, points });
      }
    }
  }

  private _put(name: string, step: number | null, y: number): void {
    const found = this.series.get(name) ?? { name, points: [] };
    this.series.set(name, found);
    const { points } = found;
    const last = points[points.length - 1];
    const x = step ?? (last ? last.x + 1 : 0);
    if (last && last.x === x) {
      last.y = y; // the newest value of a step counts
    } else {
      points.push({ x, y });
    }
    if (points.length > MOST_POINTS) {
      found.points = points.filter((_, index) => index % 2 === 1);
    }
  }

  /** The series that events have told. */
  private _told = new Set<string>();
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

export interface IMetricRow {
  name: string;
  last: number;
  best: number;
  /** Step of the best value. */
  at: number;
}

/** The last and the best value of a series; "best" is the least of a loss, else the greatest. */
export function rowOf(series: ISeries): IMetricRow | null {
  const last = series.points[series.points.length - 1];
  if (!last) {
    return null;
  }
  const isLess = /loss|error|err|mse|mae|rmse|seconds|time|perplexity/i.test(
    series.name
  );
  const best = series.points.reduce((one, other) =>
    (isLess ? other.y < one.y : other.y > one.y) ? other : one
  );
  return { name: series.name, last: last.y, best: best.y, at: best.x };
}

/** Series that share a plot: "train_loss" and "val_loss" are both a loss. */
export function groupsOf(series: Iterable<ISeries>): [string, ISeries[]][] {
  const groups = new Map<string, ISeries[]>();
  for (const one of series) {
    const name = one.name.replace(
      /^(train|training|val|valid|validation|test|eval)[\s_/.-]+|[\s_/.-]+(train|training|val|valid|validation|test|eval)$/i,
      ''
    );
    groups.set(name, [...(groups.get(name) ?? []), one]);
  }
  return Array.from(groups);
}

/** The metrics of a job as a table of comma-separated values. */
export function toCsv(series: Iterable<ISeries>): string {
  const quoted = (text: string) =>
    /[",\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  const lines = ['metric,step,value'];
  for (const { name, points } of series) {
    lines.push(...points.map(({ x, y }) => `${quoted(name)},${x},${y}`));
  }
  return `${lines.join('\n')}\n`;
}
