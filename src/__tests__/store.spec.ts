import { EMPTY, newestFirst, reduce, summaryOf } from '../store';
import type { Job, JobSummary } from '../wire';

const job = (name: string, fields: Partial<JobSummary> = {}) =>
  ({ name, status: 'Running', createdAt: name, ...fields }) as JobSummary;

describe('reduce', () => {
  it('puts, replaces and takes out, and leaves the store before as it was', () => {
    const one = reduce(EMPTY, {
      type: 'change',
      noun: 'job',
      name: 'a',
      object: job('a')
    });
    const two = reduce(one, {
      type: 'change',
      noun: 'job',
      name: 'a',
      object: job('a', { status: 'Completed' })
    });
    const gone = reduce(two, {
      type: 'change',
      noun: 'job',
      name: 'a',
      object: null
    });
    expect(one.jobs.get('a')?.status).toBe('Running');
    expect(two.jobs.get('a')?.status).toBe('Completed');
    expect(gone.jobs.size).toBe(0);
  });

  it('takes the nodes of a deleted compute with it', () => {
    const nodes = ['c/n1', 'd/n1'].reduce((store, key) => {
      const [compute, name] = key.split('/');
      const object = { compute, name, state: 'idle' };
      return reduce(store, { type: 'change', noun: 'node', name: key, object });
    }, EMPTY);
    const left = reduce(nodes, {
      type: 'change',
      noun: 'compute',
      name: 'c',
      object: null
    });
    expect(Array.from(left.nodes.keys())).toEqual(['d/n1']);
  });

  it('leaves nouns of a newer service alone', () => {
    const change = { type: 'change', noun: 'poem', name: 'x', object: {} };
    expect(reduce(EMPTY, change as never)).toBe(EMPTY);
  });
});

describe('rows', () => {
  it('come newest first, without archived ones', () => {
    const rows = newestFirst([
      job('2026-01-01'),
      job('2026-01-03'),
      job('2026-01-02', { archived: true })
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
