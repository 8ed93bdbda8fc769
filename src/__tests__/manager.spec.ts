import { JOB, make, settled, UP } from './managed';

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
});
