import { runningInstances } from '../instances';
import { isWorthANotice } from '../notice';
import type { Compute, JobSummary } from '../wire';

const compute = (name: string, type: string, state: string) =>
  ({ spec: { type, name }, state }) as unknown as Compute;

describe('kernels on instances', () => {
  it('are offered of instances that run, in any order', () => {
    const some = [
      compute('b', 'computeinstance', 'Running'),
      compute('stopped', 'computeinstance', 'Stopped'),
      compute('cluster', 'amlcompute', 'Steady'),
      compute('a', 'computeinstance', 'Running')
    ];
    expect(runningInstances(some)).toBe('a b');
    expect(runningInstances([...some].reverse())).toBe('a b');
  });

  it('tell of an end that nobody wanted, and of no other', () => {
    const page = { isInSight: false, wasAsked: false };
    const job = (status: string) =>
      ({
        type: 'kernel',
        status,
        createdAt: '2026-01-01T00:00:00Z',
        endedAt: '2026-01-01T01:00:00Z'
      }) as JobSummary;
    expect(isWorthANotice(job('Completed'), page)).toBe(false);
    expect(isWorthANotice(job('Canceled'), page)).toBe(false);
    expect(isWorthANotice(job('Failed'), page)).toBe(true);
  });
});
