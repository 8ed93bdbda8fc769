/**
 * One WebSocket for a whole tab: changes of every noun, and the event logs of followed jobs.
 *
 * A job's log is numbered, so a follow resumes after the last number that its reader has seen:
 * a dropped connection loses and repeats nothing.
 */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { IDisposable, DisposableDelegate } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import type { components } from './api';
import { NAMESPACE } from './request';
import type { JobEvent } from './wire';

type Schemas = components['schemas'];

/** An object is now as `object` says, or gone when that is null. */
export type Change = Omit<Schemas['Change'], 'object'> & { object: unknown };

type FeedLine =
  | Schemas['Hello']
  | Schemas['Events']
  | Schemas['End']
  | Schemas['Heartbeat']
  | Change;

export interface IFollower {
  /** New events, oldest first, none twice. */
  onEvents(events: JobEvent[]): void;
  /** The job has ended and every event of it was delivered. */
  onEnd(): void;
}

/** What a feed takes from its surroundings, so that tests own it. */
export interface IFeedWorld {
  /** With `mayStart` a service that was stopped is started. */
  open(mayStart: boolean): WebSocket;
  setTimeout(callback: () => void, ms: number): number;
  clearTimeout(id: number): void;
  now(): number;
  isHidden(): boolean;
}

const FIRST_DELAY = 500;
const LONGEST_DELAY = 30_000;
/** The service sends a heartbeat every 15 s; twice missed and a bit is a dead connection. */
const SILENCE = 40_000;

interface IFollow {
  after: number;
  follower: IFollower;
}

export class Feed implements IDisposable {
  constructor(world: IFeedWorld) {
    this._world = world;
  }

  /** Emitted with true when the service has said hello, with false when the line is lost. */
  get connected(): ISignal<this, boolean> {
    return this._connected;
  }

  get changes(): ISignal<this, Change> {
    return this._changes;
  }

  get isConnected(): boolean {
    return this._greeted;
  }

  /** When the next attempt is due (ms since the epoch), or 0 while connected or trying. */
  get retryAt(): number {
    return this._retryAt;
  }

  /** When the last word came (ms since the epoch), or 0. */
  get heardAt(): number {
    return this._heardAt;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._close();
    this._world.clearTimeout(this._retryTimer);
    this._follows.clear();
    Signal.clearData(this);
  }

  /**
   * Connect now, whatever the back-off says.
   *
   * A page that is opened, or a person, starts the service; what connects again by itself does not.
   */
  connect(mayStart = true): void {
    const isBetter = mayStart && !this._mayStart && !this._greeted;
    if (this._isDisposed || (this._socket && !isBetter)) {
      return;
    }
    this._close(); // an attempt that may not start what a person asked for
    this._world.clearTimeout(this._retryTimer);
    this._retryAt = 0;
    this._mayStart = mayStart;
    const socket = this._world.open(mayStart);
    this._socket = socket;
    socket.onmessage = message => this._receive(String(message.data));
    socket.onclose = () => this._lost(socket);
    socket.onerror = () => undefined; // `onclose` follows
    this._watch();
  }

  /** Make no further attempt until `connect` is called. */
  rest(): void {
    this._world.clearTimeout(this._retryTimer);
    this._retryAt = 0;
  }

  /** Read a job's events with a larger number than `after`, until disposed. */
  follow(job: string, after: number, follower: IFollower): IDisposable {
    const follow = { after, follower };
    const others = this._follows.get(job) ?? new Set<IFollow>();
    const first = others.size === 0;
    const earlier = Array.from(others).every(other => after < other.after);
    others.add(follow);
    this._follows.set(job, others);
    if (first) {
      this._send({ follow: { job, after } });
    } else if (earlier) {
      // The server is past what this reader needs: begin anew, the others skip what they have.
      this._send({ unfollow: { job } });
      this._send({ follow: { job, after } });
    }
    return new DisposableDelegate(() => {
      others.delete(follow);
      if (others.size === 0 && this._follows.get(job) === others) {
        this._follows.delete(job);
        this._send({ unfollow: { job } });
      }
    });
  }

  private _send(command: object): void {
    if (this._greeted) {
      this._socket?.send(JSON.stringify(command));
    }
  }

  private _receive(text: string): void {
    this._watch();
    this._heardAt = this._world.now();
    for (const line of text.split('\n')) {
      if (line) {
        this._handle(JSON.parse(line) as FeedLine);
      }
    }
  }

  private _handle(line: FeedLine): void {
    switch (line.type) {
      case 'hello':
        this._greet();
        break;
      case 'change':
        this._changes.emit(line);
        break;
      case 'events':
        this._deliver(line.job, line.events);
        break;
      case 'end':
        this._end(line.job);
        break;
      case 'heartbeat':
        break;
    }
  }

  private _greet(): void {
    this._greeted = true;
    this._failures = 0;
    for (const [job, follows] of this._follows) {
      const after = Math.min(...Array.from(follows, follow => follow.after));
      this._send({ follow: { job, after } });
    }
    this._connected.emit(true);
  }

  private _deliver(job: string, events: JobEvent[]): void {
    for (const follow of Array.from(this._follows.get(job) ?? [])) {
      const fresh = events.filter(event => event.seq > follow.after);
      const last = fresh[fresh.length - 1];
      if (last) {
        follow.after = last.seq;
        follow.follower.onEvents(fresh);
      }
    }
  }

  private _end(job: string): void {
    const follows = Array.from(this._follows.get(job) ?? []);
    this._follows.delete(job);
    for (const follow of follows) {
      follow.follower.onEnd();
    }
  }

  private _lost(socket: WebSocket): void {
    if (socket !== this._socket || this._isDisposed) {
      return;
    }
    this._close();
    const delay = Math.min(LONGEST_DELAY, FIRST_DELAY * 2 ** this._failures);
    this._failures += 1;
    if (!this._world.isHidden() || this._follows.size > 0) {
      this._retryAt = this._world.now() + delay;
      this._retryTimer = this._world.setTimeout(
        () => this.connect(false),
        delay
      );
    } // else `connect` is called when the page is looked at again
    this._connected.emit(false);
  }

  private _close(): void {
    this._world.clearTimeout(this._silenceTimer);
    this._greeted = false;
    const socket = this._socket;
    this._socket = null;
    if (socket) {
      socket.onclose = socket.onmessage = null;
      socket.close();
    }
  }

  private _watch(): void {
    this._world.clearTimeout(this._silenceTimer);
    const socket = this._socket;
    this._silenceTimer = this._world.setTimeout(() => {
      if (socket) {
        this._lost(socket);
      }
    }, SILENCE);
  }

  private _world: IFeedWorld;
  private _socket: WebSocket | null = null;
  private _mayStart = false;
  private _greeted = false;
  private _failures = 0;
  private _retryAt = 0;
  private _heardAt = 0;
  private _retryTimer = 0;
  private _silenceTimer = 0;
  private _isDisposed = false;
  private _follows = new Map<string, Set<IFollow>>();
  private _connected = new Signal<this, boolean>(this);
  private _changes = new Signal<this, Change>(this);
}

/** A feed over JupyterLab's own connection settings. */
export function createFeed(settings: ServerConnection.ISettings): Feed {
  const url = URLExt.join(settings.wsUrl, NAMESPACE, 'feed');
  return new Feed({
    open: mayStart => {
      const query: Record<string, string> = { start: String(mayStart) };
      if (settings.appendToken && settings.token) {
        query.token = settings.token;
      }
      const fields = URLExt.objectToQueryString(query);
      return new settings.WebSocket(`${url}${fields}`);
    },
    setTimeout: (callback, ms) => window.setTimeout(callback, ms),
    clearTimeout: id => window.clearTimeout(id),
    now: () => Date.now(),
    isHidden: () => document.hidden
  });
}
