import type { ICodeCellModel } from '@jupyterlab/cells';
import type * as nbformat from '@jupyterlab/nbformat';
import type { IDisposable } from '@lumino/disposable';
import { OutputFold, OutputList } from './outputs';
import type { IAmlManager } from './tokens';
import type { JobEvent } from './wire';

/** Live events are written in batches: a page draws twenty times a second, not a thousand. */
const BATCH_MS = 50;

export interface IAttachmentOptions {
  model: ICodeCellModel;
  job: string;
  /** The last event at the time of the lookup: until then nothing is shown, to avoid a flicker. */
  lastSeq: number;
  executionCount: number | null;
  manager: IAmlManager;
  /** The outputs are up to date: those that were there, and those that took their place. */
  onFilled?(before: nbformat.IOutput[], after: nbformat.IOutput[]): unknown;
  onEnd(): void;
}

/**
 * Fills a cell's outputs from its job's event log and goes on until the job ends.
 *
 * It is the only writer of these outputs while it lives; whoever runs the cell disposes it first.
 */
export class Attachment implements IDisposable {
  constructor(options: IAttachmentOptions) {
    this.job = options.job;
    this._options = options;
    this._fold = new OutputFold(this._backlog, options);
    options.model.executionState = 'running';
    this._follow = options.manager.follow(options.job, 0, {
      onEvents: events => this._receive(events),
      onEnd: () => this._end()
    });
  }

  readonly job: string;

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    window.clearTimeout(this._timer);
    this._follow?.dispose();
  }

  /** Whether the cell that it fills is no more: deleted, or made anew because it was moved. */
  get isOrphan(): boolean {
    return this._options.model.isDisposed;
  }

  /** The person cleared the outputs: what comes is added to nothing. */
  forget(): void {
    this._fold.forget();
  }

  private _receive(events: JobEvent[]): void {
    this._pending.push(...events);
    const last = events[events.length - 1];
    this._seq = last?.seq ?? this._seq;
    if (!this._timer) {
      this._timer = window.setTimeout(() => this._flush(false), BATCH_MS);
    }
  }

  private _flush(hasEnded: boolean): void {
    this._timer = 0;
    if (this.isOrphan) {
      return;
    }
    this._fold.apply(this._pending);
    this._pending = [];
    const isCaughtUp = hasEnded || this._seq >= this._options.lastSeq;
    if (!this._isLive && isCaughtUp) {
      const { outputs } = this._options.model;
      const before = outputs.toJSON();
      outputs.fromJSON(this._backlog.outputs);
      this._fold.moveTo(outputs);
      this._isLive = true;
      this._options.onFilled?.(before, this._backlog.outputs);
    }
  }

  private _end(): void {
    if (this._isDisposed || this.isOrphan) {
      return;
    }
    window.clearTimeout(this._timer);
    this._flush(true);
    this.dispose();
    const { model, executionCount, onEnd } = this._options;
    if (executionCount) {
      model.executionCount = executionCount;
    }
    model.executionState = 'idle';
    onEnd();
  }

  private _options: IAttachmentOptions;
  private _backlog = new OutputList();
  private _fold: OutputFold;
  private _follow: IDisposable | null = null;
  private _pending: JobEvent[] = [];
  private _seq = 0;
  private _isLive = false;
  private _timer = 0;
  private _isDisposed = false;
}
