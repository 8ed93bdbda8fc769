/**
 * Looks at cells one after the other, and again at those of which nobody could tell.
 *
 * A page asks once when it is opened, which is when the browser and both servers have most to do:
 * a request that was lost then must not leave a cell without its output.
 */
import type { IDisposable } from '@lumino/disposable';

const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30_000;

export class Looking implements IDisposable {
  /** `look` rejects when it could not be told; it is asked again, after longer and longer pauses. */
  constructor(look: (cellId: string) => Promise<void>) {
    this._look = look;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    this._due.clear();
    window.clearTimeout(this._timer);
  }

  add(cellIds: Iterable<string>): void {
    for (const id of cellIds) {
      this._due.add(id);
    }
    this.now();
  }

  /** Look at what is due without waiting any longer: there is a reason to hope. */
  now(): void {
    window.clearTimeout(this._timer);
    if (!this._isLooking && this._due.size && !this._isDisposed) {
      this._isLooking = true;
      void this._lookAtDue();
    }
  }

  /** One at a time: a notebook of fifty cells must not fill the browser's connections. */
  private async _lookAtDue(): Promise<void> {
    const unknown: string[] = [];
    for (let id = this._next(); id !== null; id = this._next()) {
      try {
        await this._look(id);
      } catch (reason) {
        // The panel says what is wrong with the service; the cell keeps what was saved.
        console.debug('jupyter-aml: no look at a cell', reason);
        unknown.push(id);
      }
    }
    this._isLooking = false;
    if (this._isDisposed) {
      return;
    }
    unknown.forEach(id => this._due.add(id));
    if (unknown.length) {
      this._timer = window.setTimeout(() => this.now(), this._pause);
      this._pause = Math.min(2 * this._pause, LONGEST_PAUSE_MS);
    } else {
      this._pause = FIRST_PAUSE_MS;
    }
  }

  private _next(): string | null {
    for (const id of this._due) {
      this._due.delete(id);
      return id;
    }
    return null;
  }

  private _look: (cellId: string) => Promise<void>;
  private _due = new Set<string>();
  private _isLooking = false;
  private _isDisposed = false;
  private _pause = FIRST_PAUSE_MS;
  private _timer = 0;
}
