import type { Kernel } from '@jupyterlab/services';
import { ISignal, Signal } from '@lumino/signaling';
import type { IFilled } from './away';
import { fetchVariables, hasVariables } from './fetch';
import { ApiError } from './request';
import { isFinal } from './status';
import { summaryOf } from './store';
import type { IAmlManager } from './tokens';
import type { Job, JobSummary } from './wire';

/** Where the variables of a run are that ended while its kernel did not listen. */
export type Variables = 'here' | 'waiting' | 'fetching' | 'fetched';

export interface IRunMarkOptions {
  job: string;
  manager: IAmlManager;
  /** The run as it was found, when this page took it over. */
  found?: Job;
  /** The kernel that is asked for, and given, the variables. */
  kernel?(): Kernel.IKernelConnection | null;
  /** Bring an output of the cell into sight. */
  show?(output: number): void;
}

/** What the marks of one cell's run tell: its strip, and its progress beside the prompt. */
export class RunMark {
  constructor(options: IRunMarkOptions) {
    this._options = options;
    this.job = options.job;
    const { found } = options;
    this.isReattached = found !== undefined;
    this.hadEnded = found !== undefined && isFinal(found.status);
    this._whole = found ?? null;
  }

  readonly job: string;
  /** The outputs below were filled in by this page. */
  readonly isReattached: boolean;
  /** The run was over before this page looked. */
  readonly hadEnded: boolean;

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  /** The job as the list has it, else as it was found. */
  get row(): JobSummary | null {
    const { manager } = this._options;
    return (
      manager.jobNamed(this.job) ?? (this._whole && summaryOf(this._whole))
    );
  }

  /** The whole job, once it has ended and was read. */
  get whole(): Job | null {
    return this._whole && isFinal(this._whole.status) ? this._whole : null;
  }

  get filled(): IFilled | null {
    return this._filled;
  }

  get variables(): Variables {
    return this._variables;
  }

  /** Why the variables could not be fetched. */
  get problem(): string {
    return this._problem;
  }

  setFilled(filled: IFilled | null): void {
    this._filled = filled;
    this._changed.emit();
  }

  showNew(): void {
    if (this._filled) {
      this._options.show?.(this._filled.first);
    }
  }

  /** The run of a cell that this page fills has ended: what it took, and what waits. */
  async end(): Promise<void> {
    const { manager } = this._options;
    this._whole = (await manager.call('jobs.get', { name: this.job })) as Job;
    this._changed.emit();
    const kernel = this._options.kernel?.() ?? null;
    const names = Object.keys(this._whole.result?.names ?? {});
    if (names.length && kernel && !(await hasVariables(kernel, this.job))) {
      this._set('waiting');
    }
  }

  async fetch(): Promise<void> {
    const kernel = this._options.kernel?.();
    if (!kernel) {
      return;
    }
    this._problem = '';
    this._set('fetching');
    try {
      await fetchVariables(kernel, this.job);
      this._set('fetched');
    } catch (reason) {
      this._problem = ApiError.from(reason).message;
      this._set('waiting');
    }
  }

  private _set(variables: Variables): void {
    this._variables = variables;
    this._changed.emit();
  }

  private _options: IRunMarkOptions;
  private _whole: Job | null;
  private _filled: IFilled | null = null;
  private _variables: Variables = 'here';
  private _problem = '';
  private _changed = new Signal<this, void>(this);
}
