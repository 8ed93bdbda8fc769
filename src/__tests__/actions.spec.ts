import type { Change } from '../feed';
import { JOB, make, settled, UP } from './managed';

describe('what is asked of the service', () => {
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

  it('takes no answer for newer than what the feed told meanwhile', async () => {
    const { manager, connected, changes } = make({
      ...UP,
      'POST /jobs/j/cancel': [200, { ...JOB, status: 'CancelRequested' }],
      'POST /compute': [200, { spec: { name: 'new' }, state: 'Creating' }]
    });
    connected.emit(true);
    await settled();
    const tell = (noun: Change['noun'], name: string, object: unknown) =>
      changes.emit({ type: 'change', noun, name, object });
    const cancel = manager.cancelJob('j');
    tell('job', 'j', { ...JOB, status: 'Canceled' });
    await cancel;
    expect(manager.jobNamed('j')?.status).toBe('Canceled');
    const create = manager.createCompute({ type: 'amlcompute', name: 'new' });
    tell('compute', 'new', { spec: { name: 'new' }, state: 'Steady' });
    tell('compute', 'other', { spec: { name: 'other' }, state: 'Creating' });
    await create;
    const states = manager.computes.map(one => one.state);
    expect(states).toEqual([undefined, 'Steady', 'Creating']);
  });

  it('knows at once what was answered before the feed tells it', async () => {
    const { manager, connected, changes } = make({
      ...UP,
      'POST /jobs/j/cancel': [200, { ...JOB, status: 'CancelRequested' }]
    });
    connected.emit(true);
    await settled();
    const cancel = manager.cancelJob('j');
    const object = { ...JOB, name: 'other' };
    changes.emit({ type: 'change', noun: 'job', name: 'other', object });
    await cancel;
    expect(manager.jobNamed('j')?.status).toBe('CancelRequested');
  });
});
