import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import { LogLines } from './log';
import { Metrics } from './metrics';
import { OutputFold, OutputList } from './outputs';
import { partsOf } from './parts';
import { ApiError } from './request';
import type { IStatusChange } from './stagelist';
import { jobState, reasonOf } from './status';
import type { IAmlManager } from './tokens';
import type { Job, JobEvent, JobMetrics, Wait } from './wire';

/** What the outputs hold besides text, which the log shows. */
const RICH = new Set([
  'display_data',
  'update_display_data',
  'execute_result',
  'clear_output'
]);

/** How often a waiting job is asked why it waits. */
const WAIT_MS = 3000;
/** How often a running job is asked what MLflow has of it, while that is looked at. */
const LOGGED_MS = 3000;

/** One job as its view shows it: the whole job, its log, metrics and outputs, its stages. */
export class JobModel implements IDisposable {
  constructor(name: string, manager: IAmlManager, trans: TranslationBundle) {
    this.name = name;
    this._manager = manager;
    this._trans = trans;
    this._fold = new OutputFold(this.outputs, {
      job: name,
      executionCount: null
    });
    manager.changed.connect(this._onManagerChanged, this);
    this._follow = manager.follow(name, 0, {
      onEvents: events => this._onEvents(events),
      onEnd: () => {
        this._hasEnded = true;
        this._touch();
      }
    });
    this._mark = this._markNow();
    void this._refresh();
  }

  readonly name: string;
  readonly log = new LogLines();
  readonly metrics = new Metrics();
  /** What the job showed: plots, tables, HTML. */
  readonly outputs = new OutputList();

  get job(): Job | null {
    return this._job;
  }
  get error(): ApiError | null {
    return this._error;
  }
  /** Every status that the job was in, oldest first. */
  get statuses(): readonly IStatusChange[] {
    return this._statuses;
  }
  /** Stage by stage, how the job started or waits to; null while that is not known. */
  get wait(): Wait | null {
    return this._wait;
  }
  /** When `wait` was told (ms). */
  get waitToldAt(): number {
    return this._waitToldAt;
  }
  /** What it logged through MLflow too; null until that was asked for. */
  get logged(): JobMetrics | null {
    return this._logged;
  }
  /** The part of the job that its view shows below the stages. */
  get part(): string {
    return this._part || (this._job && partsOf(this._job) ? 'parts' : 'logs');
  }
  get hasEnded(): boolean {
    return this._hasEnded;
  }
  get changed(): ISignal<this, void> {
    return this._changed;
  }
  get isDisposed(): boolean {
    return this._follow.isDisposed;
  }

  dispose(): void {
    if (!this.isDisposed) {
      this._follow.dispose();
      cancelAnimationFrame(this._frame);
      window.clearTimeout(this._timer);
      window.clearTimeout(this._loggedTimer);
      Signal.clearData(this);
    }
  }

  showPart(part: string): void {
    this._part = part;
    this._changed.emit();
    if (part === 'metrics') {
      void this._readLogged();
    }
  }

  private _onEvents(events: JobEvent[]): void {
    for (const event of events) {
      if (event.kind === 'status' && event.status) {
        this._statuses.push({ status: event.status, since: event.time });
      }
    }
    this.log.add(events, event => this._wordsOf(event));
    this.metrics.add(events);
    this._fold.apply(events.filter(event => RICH.has(event.kind)));
    this._touch();
  }

  /** What the service did, as a line of the log. */
  private _wordsOf(event: JobEvent): string {
    const trans = this._trans;
    switch (event.kind) {
      case 'status': {
        const job = {
          status: event.status ?? '',
          statusReason: event.reason ?? '',
          attempt: event.attempt ?? 0
        };
        const { word } = jobState(job, trans);
        const reason = reasonOf(job);
        return reason ? trans.__('%1: %2', word, reason) : word;
      }
      case 'notice':
        return event.text ?? '';
      case 'display_data':
      case 'execute_result': {
        const data = (event.data ?? {}) as Record<string, unknown>;
        const text = data['text/plain'];
        return typeof text === 'string'
          ? text
          : trans.__('shows %1', Object.keys(data).join(', '));
      }
      default:
        return '';
    }
  }

  /** The list's row tells when the whole job is worth reading again; so does a line that is back. */
  private _onManagerChanged(): void {
    const mark = this._markNow();
    if (mark !== this._mark) {
      this._mark = mark;
      void this._refresh();
    }
    this._touch();
  }

  private _markNow(): string {
    const { link } = this._manager;
    const row = this._manager.jobNamed(this.name);
    return `${link.kind} ${row?.status} ${row?.statusReason} ${row?.endedAt}`;
  }

  private async _refresh(): Promise<void> {
    const turn = (this._turn += 1);
    try {
      const args = { name: this.name };
      const job = (await this._manager.call('jobs.get', args)) as Job;
      if (turn !== this._turn) {
        return; // asked again meanwhile: this answer may be the older one
      }
      this._job = job;
      this._error = null;
      await this._readWait();
      if (this._logged || this._part === 'metrics') {
        void this._readLogged();
      }
    } catch (reason) {
      if (turn === this._turn) {
        this._error = ApiError.from(reason);
      }
    }
    this._touch();
  }

  /** What the wait says changes with the line before the job: it is asked again meanwhile. */
  private async _readWait(): Promise<void> {
    window.clearTimeout(this._timer);
    try {
      const wait = await this._manager.call('jobs.wait', { name: this.name });
      this._wait = wait as Wait;
      this._waitToldAt = Date.now();
    } catch (reason) {
      // The stages are told by the job's own events then.
      console.debug('jupyter-aml: no stages of a job', reason);
    }
    if (this._wait?.waiting && !this.isDisposed) {
      this._timer = window.setTimeout(() => void this._refresh(), WAIT_MS);
    }
  }

  /** MLflow tells nobody: a job that runs is asked again while its metrics are looked at. */
  private async _readLogged(): Promise<void> {
    window.clearTimeout(this._loggedTimer);
    try {
      const args = { name: this.name };
      const logged = await this._manager.call('jobs.metrics', args);
      const { metrics } = logged as JobMetrics;
      this.metrics.fill(metrics);
      this._logged = logged as JobMetrics;
      this._touch();
    } catch (reason) {
      // The job's own events tell its metrics then.
      console.debug('jupyter-aml: no metrics of a job', reason);
    }
    if (!this._hasEnded && this._part === 'metrics' && !this.isDisposed) {
      this._loggedTimer = window.setTimeout(
        () => void this._readLogged(),
        LOGGED_MS
      );
    }
  }

  private _touch(): void {
    if (!this._frame && !this.isDisposed) {
      this._frame = requestAnimationFrame(() => {
        this._frame = 0;
        this._changed.emit();
      });
    }
  }

  private _manager: IAmlManager;
  private _trans: TranslationBundle;
  private _follow: IDisposable;
  private _job: Job | null = null;
  private _error: ApiError | null = null;
  private _statuses: IStatusChange[] = [];
  private _wait: Wait | null = null;
  private _waitToldAt = 0;
  private _fold: OutputFold;
  private _timer = 0;
  private _logged: JobMetrics | null = null;
  private _loggedTimer = 0;
  private _hasEnded = false;
  private _part = '';
  private _mark = '';
  /** Counts the readings of the whole job. */
  private _turn = 0;
  private _frame = 0;
  private _changed = new Signal<this, void>(this);
}
