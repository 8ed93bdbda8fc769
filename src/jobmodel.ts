import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import { LogLines } from './log';
import { ApiError } from './request';
import { jobState, reasonOf } from './status';
import type { IAmlManager } from './tokens';
import type { Job, JobEvent } from './wire';
import { elapsed } from './words';

/** A stage that the job entered, with the time it began. */
export interface IStage {
  status: string;
  since: string;
}

/** One job as its view shows it: the whole job, its log, the stages it went through. */
export class JobModel implements IDisposable {
  constructor(name: string, manager: IAmlManager, trans: TranslationBundle) {
    this.name = name;
    this._manager = manager;
    this._trans = trans;
    manager.changed.connect(this._onManagerChanged, this);
    this._follow = manager.follow(name, 0, {
      onEvents: events => this._onEvents(events),
      onEnd: () => {
        this._hasEnded = true;
        this._touch();
      }
    });
    void this._refresh();
  }

  readonly name: string;
  readonly log = new LogLines();

  get job(): Job | null {
    return this._job;
  }
  get error(): ApiError | null {
    return this._error;
  }
  get stages(): readonly IStage[] {
    return this._stages;
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
      Signal.clearData(this);
    }
  }

  private _onEvents(events: JobEvent[]): void {
    for (const event of events) {
      if (event.kind === 'status' && event.status) {
        this._stages.push({ status: event.status, since: event.time });
      }
    }
    this.log.add(events, event => this._wordsOf(event));
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

  /** The list's row tells when the whole job is worth reading again. */
  private _onManagerChanged(): void {
    const row = this._manager.jobs.find(job => job.name === this.name);
    const mark = row ? `${row.status} ${row.statusReason} ${row.endedAt}` : '';
    if (mark !== this._mark) {
      this._mark = mark;
      void this._refresh();
    }
    this._touch();
  }

  private async _refresh(): Promise<void> {
    try {
      const args = { name: this.name };
      this._job = (await this._manager.call('jobs.get', args)) as Job;
      this._error = null;
    } catch (reason) {
      this._error = ApiError.from(reason);
    }
    this._touch();
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
  private _stages: IStage[] = [];
  private _hasEnded = false;
  private _mark = '';
  private _frame = 0;
  private _changed = new Signal<this, void>(this);
}

/** How long each stage took, the last one until `end` (ms). */
export function stageTimes(stages: readonly IStage[], end: number): string[] {
  return stages.map((stage, index) => {
    const next = stages[index + 1];
    const until = next ? new Date(next.since).getTime() : end;
    return elapsed((until - new Date(stage.since).getTime()) / 1000);
  });
}
