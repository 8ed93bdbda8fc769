import type { Change } from '../feed';
import { apply, emptyStore, newestFirst, summaryOf } from '../store';
import type { Job, JobSummary } from '../wire';

const job = (name: string, fields: Partial<JobSummary> = {}) =>
  ({ name, status: 'Running', createdAt: name, ...fields }) as JobSummary;

const change = (noun: string, name: string, object: unknown) =>
  ({ type: 'change', noun, name, object }) as Change;

describe('apply', () => {
  it('puts, replaces and takes out', () => {
    const store = emptyStore();
    apply(store, change('job', 'a', job('a')));
    expect(store.jobs.get('a')?.status).toBe('Running');
    apply(store, change('job', 'a', job('a', { status: 'Completed' })));
    expect(store.jobs.get('a')?.status).toBe('Completed');
    apply(store, change('job', 'a', null));
    expect(store.jobs.size).toBe(0);
  });

  it('takes the nodes of a deleted compute with it', () => {
    const store = emptyStore();
    for (const compute of ['c', 'd']) {
      const name = `${compute}-1`;
      apply(store, change('node', name, { compute, name, state: 'idle' }));
    }
    apply(store, change('compute', 'c', null));
    expect(Array.from(store.nodes.keys())).toEqual(['d-1']);
  });

  it('forgets a node that left its compute', () => {
    const store = emptyStore();
    const node = { compute: 'c', name: 'c-1', state: 'leaving' };
    apply(store, change('node', 'c-1', node));
    apply(store, change('node', 'c-1', null));
    expect(store.nodes.size).toBe(0);
  });

  it('keeps costs, notices and environments', () => {
    const store = emptyStore();
    apply(store, change('costs', '', { ratePerHour: 2.22 }));
    apply(store, change('notice', 'budget', { name: 'budget', text: 'x' }));
    apply(store, change('environment', 'lgb:1', { name: 'lgb' }));
    expect(store.costs?.ratePerHour).toBe(2.22);
    expect(store.notices.size).toBe(1);
    expect(store.environments.has('lgb:1')).toBe(true);
    apply(store, change('notice', 'budget', null));
    expect(store.notices.size).toBe(0);
  });

  it('leaves nouns of a newer service alone', () => {
    const store = emptyStore();
    apply(store, change('poem', 'x', {}));
    expect(store).toEqual(emptyStore());
  });
});

describe('rows', () => {
  it('come newest first, without archived ones and without parts of others', () => {
    const rows = newestFirst([
      job('2026-01-01'),
      job('2026-01-03'),
      job('2026-01-02', { archived: true }),
      job('2026-01-04', { parent: 'tune' })
    ]);
    expect(rows.map(row => row.name)).toEqual(['2026-01-03', '2026-01-01']);
  });

  it('are made from a whole job', () => {
    const whole = {
      name: 'j',
      status: 'Completed',
      spec: { type: 'cell', source: 'x', cellId: 'c1', notebook: 'n.ipynb' },
      receipt: { listPrice: 0.5 }
    } as unknown as Job;
    expect(summaryOf(whole)).toMatchObject({
      name: 'j',
      type: 'cell',
      cellId: 'c1',
      notebook: 'n.ipynb',
      listPrice: 0.5,
      instanceCount: 1
    });
  });
});
