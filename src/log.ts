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
export const MOST_LINES = 50_000;

// eslint-disable-next-line no-control-regex
const ANSI = /\u001b\[[0-?]*[ -/]*[@-~]|\u001b\][^\u0007]*(?:\u0007|\u001b\\)/g;

/** A growing log. A carriage return begins its line anew, so a progress bar stays one line. */
export class LogLines {
  readonly lines: ILogLine[] = [];
  /** How many lines were dropped at the front. */
  dropped = 0;

  add(events: readonly JobEvent[], wordOf: (event: JobEvent) => string): void {
    for (const event of events) {
      if (event.kind === 'stdout' || event.kind === 'stderr') {
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
    const excess = this.lines.length - MOST_LINES;
    if (excess > 0) {
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
    this.lines.push(line);
    return line;
  }

  /** The unfinished line of each stream of each node. */
  private _open = new Map<string, ILogLine>();
}

function plain(text: string): string {
  return text.replace(ANSI, '');
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
