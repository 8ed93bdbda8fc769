import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import type { Change, Feed } from '../feed';
import { AmlManager } from '../manager';

const JOB = { name: 'j', status: 'Running', createdAt: '2026', compute: 'c' };

/** A manager over answers by path; a path without one is refused with 404. */
function make(answers: Record<string, [number, unknown]>) {
  const asked: string[] = [];
  const fetch = async (request: Request) => {
    // The service refuses query fields that it does not know.
    expect(new URL(request.url).search).not.toMatch(/[?&]\d+/);
    const path = new URL(request.url).pathname.replace(/^.*jupyter-aml\//, '');
    const key = `${request.method} ${path.replace('api/v1', '')}`;
    asked.push(key);
    if (key in answers && !answers[key]) {
      throw new TypeError('Failed to fetch');
    }
    const [status, body] = answers[key] ?? [404, 'no'];
    return new Response(
      typeof body === 'string' ? body : JSON.stringify(body),
      { status }
    );
  };
  const feed = {
    retryAt: 5000,
    heardAt: 1,
    isConnected: false,
    connect: jest.fn(),
    rest: jest.fn(),
    dispose: jest.fn(),
    follow: jest.fn()
  };
  const connected = new Signal<object, boolean>(feed);
  const changes = new Signal<object, Change>(feed);
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost:1/',
    fetch: fetch as unknown as typeof window.fetch
  });
  const manager = new AmlManager({
    settings,
    feed: Object.assign(feed, { connected, changes }) as unknown as Feed,
    trans: nullTranslator.load('')
  });
  const said: string[] = [];
  manager.announced.connect((_, text) => said.push(text));
  return { manager, feed, connected, changes, asked, said };
}

const UP: Record<string, [number, unknown]> = {
  'GET /workspaces': [
    200,
    { value: [{ name: 'local', kind: 'local' }], current: 'local' }
  ],
  'GET /compute': [
    200,
    { value: [{ spec: { name: 'c', type: 'amlcompute' }, currentNodes: 0 }] }
  ],
  'GET /jobs': [200, { value: [JOB], next: '' }],
  'GET status': [200, { state: 'running', error: null }],
  'GET /sessions': [200, { value: [] }],
  'GET /preferences': [200, { defaultCompute: 'c' }]
};

async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await Promise.resolve();
    await new Promise(resolve => setTimeout(resolve));
  }
}

describe('AmlManager', () => {
  it('reads everything when the feed says hello, and keeps newer changes', async () => {
    const { manager, connected, changes } = make(UP);
    connected.emit(true);
    changes.emit({
      type: 'change',
      noun: 'job',
      name: 'j',
      object: { ...JOB, status: 'Completed' }
    });
    await settled();
    expect(manager.link.kind).toBe('online');
    expect(manager.defaultCompute).toBe('c');
    expect(manager.jobs.map(job => job.status)).toEqual(['Completed']);
  });

  it('says what the service refuses to tell, and asks again', async () => {
    const answers = {
      ...UP,
      'GET /jobs': [400, { error: { code: 'Invalid', message: 'no' } }] as [
        number,
        unknown
      ]
    };
    const { manager, feed, connected } = make(answers);
    feed.isConnected = true;
    connected.emit(true);
    await settled();
    expect(manager.link).toMatchObject({
      kind: 'refused',
      error: { code: 'Invalid' }
    });
    answers['GET /jobs'] = UP['GET /jobs']!;
    manager.reconnect();
    await settled();
    expect(manager.link.kind).toBe('online');
    manager.dispose();
  });

  it.each([
    ['a request that is lost', undefined],
    ['a sign-in that has lapsed', [403, '{"message": "Forbidden"}']]
  ])('asks again after %s while the feed stands', async (_, lost) => {
    const answers = { ...UP, 'GET /jobs': lost as [number, unknown] };
    const { manager, feed, connected } = make(answers);
    feed.isConnected = true;
    const later = jest.spyOn(window, 'setTimeout');
    connected.emit(true);
    await settled();
    expect(manager.link.kind).toBe('unreachable');
    answers['GET /jobs'] = UP['GET /jobs']!;
    const again = later.mock.calls.find(([, pause]) => pause === 5000)?.[0];
    (again as () => void)();
    await settled();
    expect(manager.link.kind).toBe('online');
    manager.dispose();
    later.mockRestore();
  });

  it('shows the rest when something is deleted while it is read', async () => {
    const { manager, connected } = make({
      ...UP,
      'GET /compute': [
        200,
        {
          value: [{ spec: { name: 'c', type: 'amlcompute' }, currentNodes: 1 }]
        }
      ],
      'GET /compute/c/nodes': [
        404,
        { error: { code: 'NotFound', message: 'gone' } }
      ]
    });
    connected.emit(true);
    await settled();
    expect(manager.link.kind).toBe('online');
    expect(manager.nodesOf('c')).toEqual([]);
  });

  it('announces the end of a job once, and not what had ended before', async () => {
    const { connected, changes, said } = make(UP);
    connected.emit(true);
    await settled();
    const tell = (name: string, status: string) =>
      changes.emit({
        type: 'change',
        noun: 'job',
        name,
        object: { ...JOB, name, status }
      });
    tell('j', 'Finalizing');
    tell('j', 'Completed');
    tell('j', 'Completed');
    tell('old', 'Failed');
    expect(said).toEqual(['j: Completed']);
  });

  it.each([
    [[404, '<html>'], 'missing'],
    [
      [200, { state: 'failed', error: { code: 'Unavailable', message: 'x' } }],
      'down'
    ],
    [[200, { state: 'stopped', error: null }], 'down'],
    [[200, { state: 'died', error: null }], 'connecting'],
    [[200, { state: 'starting', error: null }], 'connecting'],
    [[403, '{"message": "Forbidden"}'], 'unreachable']
  ])('status %j means %s', async (status, kind) => {
    const { manager, connected, feed } = make({
      'GET status': status as [number, unknown]
    });
    connected.emit(false);
    await settled();
    expect(manager.link.kind).toBe(kind);
    expect(feed.rest).toHaveBeenCalledTimes(kind === 'missing' ? 1 : 0);
  });

  it('keeps a refused create as a draft with its cause', async () => {
    const { manager, connected, said } = make({
      ...UP,
      'POST /compute': [
        409,
        { error: { code: 'QuotaExceeded', message: '4 needed, 2 left' } }
      ]
    });
    connected.emit(true);
    await settled();
    const create = manager.createCompute({ type: 'amlcompute', name: 'big' });
    expect(manager.drafts.get('big')?.error).toBeNull();
    await create;
    expect(manager.drafts.get('big')?.error).toMatchObject({
      code: 'QuotaExceeded',
      status: 409
    });
    expect(said).toEqual(['big failed: 4 needed, 2 left']);
    manager.dismissDraft('big');
    expect(manager.drafts.size).toBe(0);
  });

  it('does without what the service lacks, and takes what it has', async () => {
    const { manager, connected } = make(UP);
    connected.emit(true);
    await settled();
    expect(manager.link.kind).toBe('online');
    expect(manager.costs).toBeNull();
    const counting = make({
      ...UP,
      'GET /costs': [200, { ratePerHour: 2.22 }],
      'GET /waits': [200, { value: [{ size: 's' }] }],
      'GET /environments': [200, { value: [{ name: 'lgb', version: '2' }] }]
    });
    counting.connected.emit(true);
    await settled();
    expect(counting.manager.costs?.ratePerHour).toBe(2.22);
    expect(counting.manager.starts).toHaveLength(1);
    expect(counting.manager.environments[0]?.name).toBe('lgb');
  });

  it('looks at nothing while the service is stopped, and may still be asked', async () => {
    const { manager, connected, asked } = make({
      'GET status': [200, { state: 'stopped', error: null }],
      'POST /jobs/j/cancel': [200, JOB]
    });
    connected.emit(false);
    await settled();
    await expect(manager.call('jobs.list', {})).rejects.toMatchObject({
      code: 'ServiceNotRunning'
    });
    await manager.call('jobs.cancel', { name: 'j' });
    expect(asked).toEqual(['GET status', 'POST /jobs/j/cancel']);
  });

  it('learns from a denial that this user may only look', async () => {
    const answers: Record<string, [number, unknown]> = {
      ...UP,
      'POST /jobs/j/cancel': [
        403,
        { error: { code: 'Forbidden', message: 'no' } }
      ]
    };
    const { manager, connected } = make(answers);
    connected.emit(true);
    await settled();
    expect(manager.mayWrite).toBe(true);
    answers['GET status'] = [200, { state: 'running', mayWrite: false }];
    await manager.cancelJob('j');
    await settled();
    expect(manager.mayWrite).toBe(false);
  });

  it('changes one preference and keeps the others', async () => {
    const { manager, connected, asked } = make({
      ...UP,
      'PUT /preferences': [200, { defaultCompute: 'c', budgetPerDay: 20 }]
    });
    connected.emit(true);
    await settled();
    await manager.setPreferences({ budgetPerDay: 20 });
    expect(manager.preferences?.budgetPerDay).toBe(20);
    expect(asked.slice(-2)).toEqual(['GET /preferences', 'PUT /preferences']);
  });

  it('says what was asked until it is answered, and why it was refused', async () => {
    const { manager, connected } = make({
      ...UP,
      'POST /jobs/j/cancel': [
        409,
        { error: { code: 'Conflict', message: 'It has ended.' } }
      ]
    });
    connected.emit(true);
    await settled();
    const cancel = manager.cancelJob('j');
    expect(manager.askedOf('job/j')).toBe('cancel');
    await cancel;
    expect(manager.askedOf('job/j')).toBeNull();
    expect(manager.problemOf('job/j')?.message).toBe('It has ended.');
    manager.dismissProblem('job/j');
    expect(manager.problemOf('job/j')).toBeNull();
  });
});
