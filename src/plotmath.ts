/** Where the parts of a small plot lie, in the units of its view box. Pure. */
import { extent, nice, ticks } from 'd3-array';
import type { IPoint } from './metrics';

export interface IFrame {
  width: number;
  height: number;
  left: number;
  right: number;
  top: number;
  bottom: number;
}

export interface IScale {
  (value: number): number;
  ticks: number[];
}

/** A scale from `domain` to `range`, its ticks at round values; logarithmic if wanted. */
export function scale(
  domain: readonly [number, number],
  range: readonly [number, number],
  count: number,
  isLog = false
): IScale {
  const [low, high] = domain;
  const along = (value: number) => {
    const part = isLog
      ? Math.log(value / low) / Math.log(high / low || 1)
      : (value - low) / (high - low || 1);
    return range[0] + (range[1] - range[0]) * part;
  };
  const marks = isLog ? [low, high] : ticks(low, high, count);
  return Object.assign(along, { ticks: marks });
}

/** The values that an axis covers: round ones around all points, from 0 unless that is far. */
export function domainOf(
  points: readonly IPoint[],
  isLog = false,
  fixed?: readonly [number, number]
): [number, number] {
  if (fixed) {
    return [fixed[0], fixed[1]];
  }
  const values = points.map(point => point.y);
  const [low, high] = extent(isLog ? values.filter(y => y > 0) : values);
  if (low === undefined || high === undefined) {
    return isLog ? [1, 10] : [0, 1];
  }
  if (isLog) {
    return [low, high > low ? high : low * 10];
  }
  const from = low >= 0 && low < high / 2 ? 0 : low;
  return from === high
    ? [Math.min(0, high), Math.max(0, high) || 1]
    : nice(from, high, 3);
}

/** The points of a line; where there are more than pixels, the least and greatest of each. */
export function lineOf(
  points: readonly IPoint[],
  x: (value: number) => number,
  y: (value: number) => number,
  most = 600
): string {
  return thin(points, most)
    .filter(point => Number.isFinite(y(point.y)))
    .map(point => `${x(point.x).toFixed(1)},${y(point.y).toFixed(1)}`)
    .join(' ');
}

export function thin(points: readonly IPoint[], most: number): IPoint[] {
  if (points.length <= most) {
    return Array.from(points);
  }
  const kept: IPoint[] = [];
  const step = (2 * points.length) / most;
  for (let from = 0; from < points.length; from += step) {
    const some = points.slice(Math.floor(from), Math.floor(from + step));
    const byY = [...some].sort((one, other) => one.y - other.y);
    const ends = [byY[0], byY[byY.length - 1]].filter(
      (point): point is IPoint => point !== undefined
    );
    kept.push(...ends.sort((one, other) => one.x - other.x));
  }
  return kept;
}

/** Heights for the labels at the lines' ends, moved apart so that none covers another. */
export function labelHeights(
  wanted: readonly number[],
  least: number,
  bottom: number
): number[] {
  const order = wanted
    .map((height, index) => ({ height, index }))
    .sort((one, other) => one.height - other.height);
  const result = [...wanted];
  let above = -Infinity;
  for (const { height, index } of order) {
    above = Math.max(height, above + least);
    result[index] = above;
  }
  const over = Math.max(0, above - bottom);
  return result.map(height => height - over);
}
