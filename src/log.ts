/** From a job's events to lines of a log: whole lines, with the time each began. Pure. */
import type { JobEvent } from './wire';

export interface ILogLine {
  time: string;
  text: string;
  /** "stdout" and "stderr" are the job's own; "system" is what the service says of it. */
  source: 'stdout' | 'stderr' | 'system' | 'error';
  node: number;
}

/** Lines kept in the browser; the service keeps all. */
export const MOST_LINES = 1_000_000;

// eslint-disable-next-line no-control-regex
const ANSI = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007]*(?:\u0007|\u001b\\)/g;

/** A growing log. A carriage return begins its line anew, so a progress bar stays one line. */
export class LogLines {
  constructor(most = MOST_LINES) {
    this._most = most;
  }

  readonly lines: ILogLine[] = [];
  /** How many lines were dropped at the front. */
  dropped = 0;
  /** Characters of all lines that came. */
  size = 0;
  /** Ranks of the nodes that wrote. */
  readonly nodes = new Set<number>();

  add(events: readonly JobEvent[], wordOf: (event: JobEvent) => string): void {
    for (const event of events) {
      if (event.kind === 'stdout' || event.kind === 'stderr') {
        this.size += event.text?.length ?? 0;
        this._write(event, event.kind);
      } else if (event.kind === 'error') {
        this._closeAll();
        const text = (event.traceback ?? []).join('\n') || event.evalue || '';
        for (const line of plain(text).split('\n')) {
          this._push(event, line, 'error');
        }
      } else {
        const word = wordOf(event);
        if (word) {
          this._push(event, word, 'system');
        }
      }
    }
    // A tenth at once: to move a million lines for each that comes would take all the time.
    const excess = this.lines.length - this._most;
    if (excess > this._most / 10) {
      this.lines.splice(0, excess);
      this.dropped += excess;
    }
  }

  private _write(event: JobEvent, source: 'stdout' | 'stderr'): void {
    const key = `${source}/${event.node ?? 0}`;
    const pieces = plain(event.text ?? '').split('\n');
    pieces.forEach((piece, index) => {
      const isLast = index === pieces.length - 1;
      const open = this._open.get(key);
      if (open) {
        open.text = overwrite(open.text, piece);
      } else if (piece || !isLast) {
        this._open.set(key, this._push(event, overwrite('', piece), source));
      }
      if (!isLast) {
        this._open.delete(key);
      }
    });
  }

  private _closeAll(): void {
    this._open.clear();
  }

  private _push(
    event: JobEvent,
    text: string,
    source: ILogLine['source']
  ): ILogLine {
    const line = { time: event.time, text, source, node: event.node ?? 0 };
    this.nodes.add(line.node);
    this.lines.push(line);
    return line;
  }

  private _most: number;
  /** The unfinished line of each stream of each node. */
  private _open = new Map<string, ILogLine>();
}

function plain(text: string): string {
  return text.includes('\u001b') ? text.replace(ANSI, '') : text;
}

/** What a terminal shows after `more` was written behind `line`. */
function overwrite(line: string, more: string): string {
  if (!more.includes('\r')) {
    return line + more;
  }
  let shown = line;
  more.split('\r').forEach((part, index) => {
    shown = index === 0 ? shown + part : part + shown.slice(part.length);
  });
  return shown;
}
