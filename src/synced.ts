import type { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IDisposable } from '@lumino/disposable';
import type { Change, Feed, IFollower } from './feed';
import { Known } from './known';
import { linkOf } from './link';
import { load, NEXT_PAGE } from './load';
import {
  Answer,
  ApiError,
  Args,
  call,
  callLines,
  extensionStatus
} from './request';
import { Operation, ROUTES } from './routes';
import { isFinal, jobState } from './status';
import { apply } from './store';
import type { Link } from './tokens';
import type { JobSummary } from './wire';

export interface IManagerOptions {
  settings: ServerConnection.ISettings;
  feed: Feed;
  trans: TranslationBundle;
}

/** Pause before what was refused or lost is asked again, while the feed stands. */
const RELOAD_MS = 5000;

/** What is known, kept in step with the service: read whole, then changed by the feed. */
export abstract class Synced extends Known {
  constructor(options: IManagerOptions) {
    super();
    this._settings = options.settings;
    this._trans = options.trans;
    this._feed = options.feed;
    this._feed.connected.connect(this._onConnected, this);
    this._feed.changes.connect(this._onChange, this);
  }

  get link(): Link {
    return this._link;
  }
  get mayWrite(): boolean {
    return this._mayWrite;
  }
  get heardAt(): number {
    return this._feed.heardAt;
  }
  get moreJobs(): boolean {
    return this._nextPage !== '';
  }

  dispose(): void {
    if (!this.isDisposed) {
      super.dispose();
      this._feed.dispose();
      window.clearTimeout(this._reloadTimer);
    }
  }

  async loadMoreJobs(): Promise<void> {
    const asked = this._nextPage;
    if (!asked || this._isLoadingMore) {
      return;
    }
    this._isLoadingMore = true;
    try {
      const args = { maxResults: NEXT_PAGE, after: asked };
      const page = await this.call('jobs.list', args);
      if (this._nextPage === asked) {
        this._nextPage = page.next ?? '';
      }
      const { jobs } = this._store;
      for (const job of page.value as JobSummary[]) {
        if (!jobs.has(job.name)) {
          jobs.set(job.name, job);
        }
      }
      this._storeChanged();
    } finally {
      this._isLoadingMore = false;
    }
  }

  follow(job: string, after: number, follower: IFollower): IDisposable {
    return this._feed.follow(job, after, follower);
  }

  async call<O extends Operation>(
    operation: O,
    args: Args<O>
  ): Promise<Answer<O>> {
    // Looking must not start what somebody has stopped.
    if (this._link.kind === 'down' && ROUTES[operation][0] === 'GET') {
      throw this._link.error;
    }
    return call(this._settings, operation, args);
  }

  lines<T>(operation: Operation, args: Record<string, unknown>): Promise<T[]> {
    return callLines<T>(this._settings, operation, args);
  }

  reconnect(mayStart = true): void {
    if (this._link.kind === 'online') {
      return;
    }
    this._link = { kind: 'connecting' };
    if (this._feed.isConnected) {
      void this._reload();
    } else {
      this._feed.connect(mayStart);
    }
    this._touch();
  }

  /** Read everything anew: what happened while the line was down was not told. */
  protected async _reload(): Promise<void> {
    const missed: Change[] = [];
    this._missed = missed;
    try {
      const [loaded, { mayWrite }] = await Promise.all([
        load((operation, args) => call(this._settings, operation, args)),
        extensionStatus(this._settings)
      ]);
      if (this._missed !== missed) {
        return; // a newer load is under way
      }
      this._mayWrite = mayWrite ?? true;
      this._workspaces = loaded.workspaces;
      this._workspace = loaded.workspace;
      this._nextPage = loaded.nextPage;
      this._store = loaded.store;
      // A change that came meanwhile may be newer than the lists.
      missed.forEach(change => apply(this._store, change));
      this._isReady = true;
      this._link = { kind: 'online' };
      this._storeChanged();
    } catch (reason) {
      this._fail(ApiError.from(reason));
    } finally {
      if (this._missed === missed) {
        this._missed = null;
      }
    }
  }

  /**
   * Ask for something whose answer is the object as it is then, and know it so.
   *
   * Unless the feed told of it meanwhile: that may be newer, its end say, and the rest follows.
   */
  protected async _putAnswer(
    noun: Change['noun'],
    name: string,
    request: () => Promise<unknown>
  ): Promise<void> {
    let isTold = false;
    const listen = (_: Feed, change: Change) => {
      isTold ||= change.noun === noun && change.name === name;
    };
    this._feed.changes.connect(listen);
    try {
      const object = await request();
      if (!isTold) {
        this._onChange(this._feed, { type: 'change', noun, name, object });
      }
    } finally {
      this._feed.changes.disconnect(listen);
    }
  }

  protected _onChange(_: Feed, change: Change): void {
    this._missed?.push(change);
    const before = this._store.jobs.get(change.name);
    apply(this._store, change);
    if (change.noun === 'job') {
      this._tellEnd(before, this._store.jobs.get(change.name));
    }
    this._storeChanged();
  }

  /** Ask anew whether this user may change anything: a request was denied. */
  protected async _readRights(): Promise<void> {
    try {
      const { mayWrite } = await extensionStatus(this._settings);
      this._mayWrite = mayWrite ?? true;
      this._touch();
    } catch {
      // The line is down too, which the banner says.
    }
  }

  private _onConnected(_: Feed, isConnected: boolean): void {
    void (isConnected ? this._reload() : this._diagnose());
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
    const { isConnected, retryAt } = this._feed;
    this._link = linkOf(error, isConnected, retryAt, Date.now() + RELOAD_MS);
    if (this._link.kind === 'missing') {
      this._feed.rest();
    } else if (isConnected) {
      window.clearTimeout(this._reloadTimer);
      this._reloadTimer = window.setTimeout(() => {
        if (!this.isDisposed && this._feed.isConnected) {
          void this._reload();
        }
      }, RELOAD_MS);
    }
    this._touch();
  }

  private _tellEnd(before?: JobSummary, after?: JobSummary): void {
    const hasChanged = before && after && before.status !== after.status;
    if (hasChanged && isFinal(after.status) && !after.parent) {
      const name = after.displayName || after.name;
      const { word } = jobState(after, this._trans);
      this._announced.emit(this._trans.__('%1: %2', name, word));
      this._jobEnded.emit(after);
    }
  }

  protected _trans: TranslationBundle;
  private _settings: ServerConnection.ISettings;
  private _feed: Feed;
  private _link: Link = { kind: 'connecting' };
  private _mayWrite = true;
  private _nextPage = '';
  private _isLoadingMore = false;
  private _missed: Change[] | null = null;
  private _reloadTimer = 0;
}
