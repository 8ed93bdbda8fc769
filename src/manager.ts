import type { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import { Change, Feed, IFollower } from './feed';
import { ApiError, Answer, Args, call, extensionStatus } from './request';
import { load, PAGE } from './load';
import type { Operation } from './routes';
import { isFinal, jobState } from './status';
import {
  activeJobs,
  EMPTY,
  IStore,
  newestFirst,
  reduce,
  summaryOf
} from './store';
import { Asked, IAmlManager, IDraft, Link } from './tokens';
import type {
  Compute,
  Job,
  JobSummary,
  NewCompute,
  Node,
  Session,
  Workspace
} from './wire';

export interface IManagerOptions {
  settings: ServerConnection.ISettings;
  feed: Feed;
  trans: TranslationBundle;
}

/** Pause before what the service refused to tell is asked again. */
const RELOAD_MS = 5000;

/** The one place where the tab keeps and changes what it knows of the workspace. */
export class AmlManager implements IAmlManager, IDisposable {
  constructor(options: IManagerOptions) {
    this._settings = options.settings;
    this._trans = options.trans;
    this._feed = options.feed;
    this._feed.connected.connect(this._onConnected, this);
    this._feed.changes.connect(this._onChange, this);
  }

  get link(): Link {
    return this._link;
  }
  get workspace(): Workspace | null {
    return this._workspace;
  }
  get jobs(): readonly JobSummary[] {
    return (this._jobRows ??= newestFirst(this._store.jobs.values()));
  }
  get moreJobs(): boolean {
    return this._nextPage !== '';
  }
  get computes(): readonly Compute[] {
    return Array.from(this._store.computes.values());
  }
  get drafts(): ReadonlyMap<string, IDraft> {
    return this._drafts;
  }
  get sessions(): readonly Session[] {
    return Array.from(this._store.sessions.values());
  }
  get defaultCompute(): string {
    return this._store.preferences?.defaultCompute ?? 'local';
  }
  get heardAt(): number {
    return this._feed.heardAt;
  }
  get isReady(): boolean {
    return this._isReady;
  }
  get changed(): ISignal<this, void> {
    return this._changed;
  }
  get announced(): ISignal<this, string> {
    return this._announced;
  }
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._feed.dispose();
    window.clearTimeout(this._reload);
    Signal.clearData(this);
  }

  nodesOf(compute: string): readonly Node[] {
    return Array.from(this._store.nodes.values()).filter(
      node => node.compute === compute
    );
  }

  askedOf(key: string): Asked | null {
    return this._asked.get(key) ?? null;
  }

  problemOf(key: string): ApiError | null {
    return this._problems.get(key) ?? null;
  }

  dismissProblem(key: string): void {
    this._problems.delete(key);
    this._touch();
  }

  async createCompute(spec: NewCompute): Promise<void> {
    const draft: IDraft = { spec, since: Date.now(), error: null };
    this._drafts.set(spec.name, draft);
    this._touch();
    try {
      const compute = await this.call('compute.create', { body: spec });
      this._drafts.delete(spec.name);
      this._put('compute', spec.name, compute);
    } catch (reason) {
      draft.error = ApiError.from(reason);
      this._announced.emit(
        this._trans.__('%1 failed: %2', spec.name, draft.error.message)
      );
    }
    this._touch();
  }

  dismissDraft(name: string): void {
    this._drafts.delete(name);
    this._touch();
  }

  startCompute(name: string): Promise<void> {
    return this._ask(`compute/${name}`, 'start', async () => {
      const compute = await this.call('compute.start', { name });
      this._put('compute', name, compute);
    });
  }

  stopCompute(name: string): Promise<void> {
    return this._ask(`compute/${name}`, 'stop', async () => {
      const compute = await this.call('compute.stop', { name });
      this._put('compute', name, compute);
    });
  }

  restartCompute(name: string): Promise<void> {
    return this._ask(`compute/${name}`, 'start', async () => {
      const compute = await this.call('compute.restart', { name });
      this._put('compute', name, compute);
    });
  }

  deleteCompute(name: string): Promise<void> {
    return this._ask(`compute/${name}`, 'delete', async () => {
      const compute = await this.call('compute.delete', { name });
      // The feed may have told its end already; then the answer is old news.
      if (this._store.computes.has(name)) {
        this._put('compute', name, compute);
      }
    });
  }

  cancelJob(name: string): Promise<void> {
    return this._ask(`job/${name}`, 'cancel', async () => {
      const job = await this.call('jobs.cancel', { name });
      this._put('job', name, job);
    });
  }

  archiveJob(name: string): Promise<void> {
    return this._ask(`job/${name}`, 'archive', async () => {
      const job = await this.call('jobs.archive', { name });
      this._put('job', name, job);
    });
  }

  endSession(name: string): Promise<void> {
    return this._ask(`session/${name}`, 'stop', async () => {
      await this.call('sessions.delete', { name });
    });
  }

  async loadMoreJobs(): Promise<void> {
    const page = await this.call('jobs.list', {
      maxResults: PAGE,
      after: this._nextPage
    });
    this._nextPage = page.next ?? '';
    const jobs = new Map(this._store.jobs);
    for (const job of page.value as JobSummary[]) {
      if (!jobs.has(job.name)) {
        jobs.set(job.name, job);
      }
    }
    this._setStore({ ...this._store, jobs });
  }

  follow(job: string, after: number, follower: IFollower): IDisposable {
    return this._feed.follow(job, after, follower);
  }

  call<O extends Operation>(operation: O, args: Args<O>): Promise<Answer<O>> {
    return call(this._settings, operation, args);
  }

  reconnect(): void {
    if (this._link.kind !== 'online') {
      this._link = { kind: 'connecting' };
      if (this._feed.isConnected) {
        void this._load();
      } else {
        this._feed.connect();
      }
      this._touch();
    }
  }

  /** Do what was asked; until it is done or refused the row says so. */
  private async _ask(
    key: string,
    asked: Asked,
    action: () => Promise<void>
  ): Promise<void> {
    this._asked.set(key, asked);
    this._problems.delete(key);
    this._touch();
    try {
      await action();
    } catch (reason) {
      const error = ApiError.from(reason);
      this._problems.set(key, error);
      this._announced.emit(error.message);
    } finally {
      this._asked.delete(key);
      this._touch();
    }
  }

  private _onConnected(_: Feed, isConnected: boolean): void {
    if (isConnected) {
      void this._load();
    } else {
      void this._diagnose();
    }
  }

  /** Read everything anew: what happened while the line was down was not told. */
  private async _load(): Promise<void> {
    const missed: Change[] = [];
    this._missed = missed;
    try {
      const loaded = await load((operation, args) =>
        this.call(operation, args)
      );
      if (this._missed !== missed) {
        return; // a newer load is under way
      }
      this._workspace = loaded.workspace;
      this._nextPage = loaded.nextPage;
      // A change that came meanwhile may be newer than the lists.
      this._setStore(missed.reduce(reduce, loaded.store));
      this._isReady = true;
      this._link = { kind: 'online' };
      this._touch();
    } catch (reason) {
      this._fail(ApiError.from(reason));
    } finally {
      if (this._missed === missed) {
        this._missed = null;
      }
    }
  }

  private _reloadNow(): void {
    if (!this._isDisposed && this._feed.isConnected) {
      void this._load();
    }
  }

  /** A socket does not say why it was refused; the server extension does. */
  private async _diagnose(): Promise<void> {
    try {
      const { state, error } = await extensionStatus(this._settings);
      if (this._feed.isConnected) {
        return;
      }
      if (error) {
        throw new ApiError(error);
      }
      if (state === 'stopped') {
        throw new ApiError({ code: 'ServiceNotRunning', message: '' });
      }
      this._link = { kind: 'connecting' };
      this._touch();
    } catch (reason) {
      this._fail(ApiError.from(reason));
    }
  }

  private _fail(error: ApiError): void {
    const retryAt = this._feed.retryAt;
    if (error.code === 'ServerPartMissing') {
      this._link = { kind: 'missing' };
      this._feed.rest();
    } else if (error.code === 'Unreachable' || error.code === 'SignedOut') {
      this._link = { kind: 'unreachable', retryAt };
    } else if (!this._feed.isConnected) {
      this._link = { kind: 'down', error, retryAt };
    } else {
      const again = Date.now() + RELOAD_MS;
      this._link = { kind: 'refused', error, retryAt: again };
      window.clearTimeout(this._reload);
      this._reload = window.setTimeout(() => this._reloadNow(), RELOAD_MS);
    }
    this._touch();
  }

  private _onChange(_: Feed, change: Change): void {
    this._missed?.push(change);
    const before = this._store.jobs.get(change.name);
    this._setStore(reduce(this._store, change));
    if (change.noun === 'job') {
      this._announceEnd(before, this._store.jobs.get(change.name));
    }
    if (change.noun === 'compute') {
      this._drafts.delete(change.name);
    }
  }

  private _announceEnd(before?: JobSummary, after?: JobSummary): void {
    const hasChanged = before && after && before.status !== after.status;
    if (hasChanged && isFinal(after.status)) {
      const name = after.displayName || after.name;
      const { word } = jobState(after, this._trans);
      this._announced.emit(this._trans.__('%1: %2', name, word));
    }
  }

  private _put(noun: 'job' | 'compute', name: string, object: unknown): void {
    const value = noun === 'job' ? summaryOf(object as Job) : object;
    this._setStore(
      reduce(this._store, { type: 'change', noun, name, object: value })
    );
  }

  private _setStore(store: IStore): void {
    this._store = store;
    this._jobRows = null;
    this._touch();
  }

  /** Tell the screens, once for all changes of a frame; a hidden page draws none. */
  private _touch(): void {
    if (this._frame || this._isDisposed) {
      return;
    }
    this._frame = requestAnimationFrame(() => {
      this._frame = 0;
      this._changed.emit();
    });
  }

  private _settings: ServerConnection.ISettings;
  private _trans: TranslationBundle;
  private _feed: Feed;
  private _link: Link = { kind: 'connecting' };
  private _workspace: Workspace | null = null;
  private _store: IStore = EMPTY;
  private _jobRows: JobSummary[] | null = null;
  private _nextPage = '';
  private _drafts = new Map<string, IDraft>();
  private _asked = new Map<string, Asked>();
  private _problems = new Map<string, ApiError>();
  private _missed: Change[] | null = null;
  private _isReady = false;
  private _isDisposed = false;
  private _frame = 0;
  private _reload = 0;
  private _changed = new Signal<this, void>(this);
  private _announced = new Signal<this, string>(this);
}

/** Names of the jobs that a stop or delete of this compute would cancel. */
export function jobsOn(manager: IAmlManager, compute: string): JobSummary[] {
  return activeJobs(manager.jobs, compute);
}
