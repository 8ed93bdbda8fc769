import { Feed, IFollower } from '../feed';
import type { JobEvent } from '../wire';

class FakeSocket {
  sent: unknown[] = [];
  onmessage: ((message: { data: string }) => void) | null = null;
  onclose: (() => void) | null = null;
  onerror: (() => void) | null = null;
  isClosed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }
  close(): void {
    this.isClosed = true;
  }
  /** The service says these lines, in one message. */
  says(...lines: object[]): void {
    const data = lines.map(line => `${JSON.stringify(line)}\n`).join('');
    this.onmessage?.({ data });
  }
  drop(): void {
    this.onclose?.();
  }
}

/** Time, sockets and the page's visibility, in the hands of the test. */
class FakeWorld {
  sockets: FakeSocket[] = [];
  time = 0;
  hidden = false;
  timers = new Map<number, { at: number; callback: () => void }>();

  starts: boolean[] = [];

  open(mayStart: boolean): WebSocket {
    this.starts.push(mayStart);
    this.sockets.push(new FakeSocket());
    return this.last as unknown as WebSocket;
  }
  get last(): FakeSocket {
    return this.sockets[this.sockets.length - 1]!;
  }
  setTimeout(callback: () => void, ms: number): number {
    const id = ++this._ids;
    this.timers.set(id, { at: this.time + ms, callback });
    return id;
  }
  clearTimeout(id: number): void {
    this.timers.delete(id);
  }
  now(): number {
    return this.time;
  }
  isHidden(): boolean {
    return this.hidden;
  }
  pass(ms: number): void {
    this.time += ms;
    for (const [id, timer] of Array.from(this.timers)) {
      if (timer.at <= this.time && this.timers.delete(id)) {
        timer.callback();
      }
    }
  }
  private _ids = 0;
}

const HELLO = { type: 'hello', version: '1', feed: 'f' };

function events(job: string, ...seqs: number[]): object {
  const list = seqs.map(seq => ({ seq, time: '', kind: 'stdout' }));
  return { type: 'events', job, events: list };
}

class Reader implements IFollower {
  seen: number[] = [];
  ended = 0;
  onEvents(list: JobEvent[]): void {
    this.seen.push(...list.map(event => event.seq));
  }
  onEnd(): void {
    this.ended += 1;
  }
}

function connected(): { world: FakeWorld; feed: Feed } {
  const world = new FakeWorld();
  const feed = new Feed(world);
  feed.connect();
  world.last.says(HELLO);
  return { world, feed };
}

describe('following a job', () => {
  it('goes on after the last number when the line was lost', () => {
    const { world, feed } = connected();
    const reader = new Reader();
    feed.follow('j', 0, reader);
    expect(world.last.sent).toEqual([{ follow: { job: 'j', after: 0 } }]);
    world.last.says(events('j', 1, 2));
    world.last.drop();
    world.pass(500);
    expect(world.sockets).toHaveLength(2);
    world.last.says(HELLO, events('j', 2, 3));
    expect(world.last.sent).toEqual([{ follow: { job: 'j', after: 2 } }]);
    expect(reader.seen).toEqual([1, 2, 3]);
  });

  it('serves a second reader from its own beginning, the first sees nothing twice', () => {
    const { world, feed } = connected();
    const [first, second] = [new Reader(), new Reader()];
    feed.follow('j', 0, first);
    world.last.says(events('j', 1, 2));
    feed.follow('j', 0, second);
    world.last.says(events('j', 1, 2), events('j', 3));
    expect(first.seen).toEqual([1, 2, 3]);
    expect(second.seen).toEqual([1, 2, 3]);
    expect(world.last.sent.slice(1)).toEqual([
      { unfollow: { job: 'j' } },
      { follow: { job: 'j', after: 0 } }
    ]);
  });

  it('stops telling when the last reader leaves, and says the end once', () => {
    const { world, feed } = connected();
    const [first, second] = [new Reader(), new Reader()];
    const leaving = feed.follow('j', 0, first);
    feed.follow('k', 0, second);
    leaving.dispose();
    expect(world.last.sent.pop()).toEqual({ unfollow: { job: 'j' } });
    world.last.says(events('k', 1), { type: 'end', job: 'k' });
    world.last.says({ type: 'end', job: 'k' });
    expect([first.seen, second.seen, second.ended]).toEqual([[], [1], 1]);
    world.last.drop();
    world.pass(500);
    world.last.says(HELLO);
    expect(world.last.sent).toEqual([]);
  });
});

describe('the line', () => {
  it('is tried again with longer and longer pauses, at most 30 s', () => {
    const { world, feed } = connected();
    const pauses: number[] = [];
    for (let time = 0; time < 9; time += 1) {
      world.last.drop();
      pauses.push(feed.retryAt - world.time);
      world.pass(feed.retryAt - world.time);
    }
    expect(pauses).toEqual([
      500, 1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000
    ]);
    world.last.says(HELLO);
    world.last.drop();
    expect(feed.retryAt - world.time).toBe(500);
  });

  it('starts a stopped service when somebody asks, never by itself', () => {
    const world = new FakeWorld();
    const feed = new Feed(world);
    feed.connect();
    world.last.says(HELLO);
    world.last.drop();
    world.pass(500);
    world.last.drop();
    world.pass(1000);
    world.last.drop();
    feed.connect();
    expect(world.starts).toEqual([true, false, false, true]);
    feed.dispose();
  });

  it('gives up an attempt that may not start for one that may', () => {
    const world = new FakeWorld();
    const feed = new Feed(world);
    feed.connect(false);
    const first = world.last;
    feed.connect();
    expect(first.isClosed).toBe(true);
    feed.connect();
    world.last.says(HELLO);
    feed.connect();
    expect(world.starts).toEqual([false, true]);
    feed.dispose();
  });

  it('is dead after two missed heartbeats', () => {
    const { world, feed } = connected();
    world.pass(30_000);
    world.last.says({ type: 'heartbeat', time: '' });
    world.pass(30_000);
    expect(feed.isConnected).toBe(true);
    world.pass(10_000);
    expect(feed.isConnected).toBe(false);
    expect(world.last.isClosed).toBe(true);
  });

  it('rests while nobody looks and nothing is followed', () => {
    const { world, feed } = connected();
    world.hidden = true;
    world.last.drop();
    world.pass(120_000);
    expect(world.sockets).toHaveLength(1);
    feed.connect();
    expect(world.sockets).toHaveLength(2);
  });

  it('ignores lines of a newer service', () => {
    const { world, feed } = connected();
    world.last.says({ type: 'poem' }, { type: 'heartbeat', time: '' });
    expect(feed.isConnected).toBe(true);
  });
});
