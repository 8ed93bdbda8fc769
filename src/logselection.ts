/** Which lines of a log are shown, and where in them a text is found; keeps up with the log. Pure. */
import type { ILogLine, LogLines } from './log';

/** "all", "node/1", or a source of lines. */
export type LogSource = string;

/** Lines at the end that may still change: one unfinished line a stream and node. */
const UNSURE = 64;

export class LogSelection {
  constructor(log: LogLines, source: LogSource = 'all', query = '') {
    this._log = log;
    this.source = source;
    this.query = query;
    this._wanted = query.toLowerCase();
    this.update();
  }

  readonly source: LogSource;
  readonly query: string;

  /** Places of the lines in which the text is, counted as `at` counts. */
  readonly hits: number[] = [];

  /** How many lines are shown. */
  get count(): number {
    return this.source === 'all' ? this._log.lines.length : this._shown.length;
  }

  at(place: number): ILogLine | undefined {
    const { lines } = this._log;
    return lines[this.source === 'all' ? place : (this._shown[place] ?? -1)];
  }

  /** The line's number in the whole log, from 1. */
  numberAt(place: number): number {
    const index = this.source === 'all' ? place : (this._shown[place] ?? 0);
    return this._log.dropped + index + 1;
  }

  /** Take in what the log has got since the last time. */
  update(): void {
    const { lines, dropped } = this._log;
    const from =
      dropped === this._dropped ? Math.max(0, this._seen - UNSURE) : 0;
    this._dropped = dropped;
    this._seen = lines.length;
    if (this.source !== 'all') {
      cutFrom(this._shown, from);
      this._select(lines, from);
    }
    if (this._wanted) {
      const place =
        this.source === 'all' ? from : firstAtLeast(this._shown, from);
      cutFrom(this.hits, place);
      this._search(place);
    }
  }

  private _select(lines: readonly ILogLine[], from: number): void {
    for (let index = from; index < lines.length; index += 1) {
      const line = lines[index];
      if (line && isOf(line, this.source)) {
        this._shown.push(index);
      }
    }
  }

  private _search(from: number): void {
    for (let place = from; place < this.count; place += 1) {
      if (this.at(place)?.text.toLowerCase().includes(this._wanted)) {
        this.hits.push(place);
      }
    }
  }

  private _log: LogLines;
  private _wanted: string;
  private _shown: number[] = [];
  private _seen = 0;
  private _dropped = 0;
}

function isOf(line: ILogLine, source: LogSource): boolean {
  return source.startsWith('node/')
    ? `node/${line.node}` === source && line.source !== 'system'
    : line.source === source ||
        (source === 'stderr' && line.source === 'error');
}

/** Take the numbers that are not below `least` off the end of an ascending list. */
function cutFrom(numbers: number[], least: number): void {
  numbers.length = firstAtLeast(numbers, least);
}

function firstAtLeast(numbers: readonly number[], least: number): number {
  let index = numbers.length;
  while (index > 0 && (numbers[index - 1] ?? 0) >= least) {
    index -= 1;
  }
  return index;
}

/** A text in its parts, every second of which is a hit. */
export function splitHits(text: string, query: string): string[] {
  const parts: string[] = [];
  const low = text.toLowerCase();
  const wanted = query.toLowerCase();
  let from = 0;
  for (;;) {
    const at = wanted ? low.indexOf(wanted, from) : -1;
    if (at < 0) {
      parts.push(text.slice(from));
      return parts;
    }
    parts.push(text.slice(from, at), text.slice(at, at + wanted.length));
    from = at + wanted.length;
  }
}

/** Where a scrolled box stands. */
export interface IScroll {
  top: number;
  height: number;
  content: number;
}

/**
 * Whether the log goes on following its end after its box has moved from `before` to `now`.
 *
 * It stops when somebody moved up, not when lines came or the box changed its size meanwhile.
 */
export function followsAfter(
  wasFollowing: boolean,
  before: IScroll,
  now: IScroll
): boolean {
  if (now.content - now.top - now.height < 4) {
    return true;
  }
  const isMovedUp =
    now.top < before.top - 1 &&
    now.height === before.height &&
    now.content >= before.content;
  return wasFollowing && !isMovedUp;
}
