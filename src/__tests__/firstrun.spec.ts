import { firstOf } from '../components/usefirstrun';
import type { JobSummary } from '../wire';

const job = (name: string, status: JobSummary['status']): JobSummary =>
  ({ name, status }) as JobSummary;

describe('the run that the first-run card tells of', () => {
  it('is none before there is one', () => {
    expect(firstOf([])).toBeNull();
  });
  it('stays the first while several run', () => {
    const jobs = [job('c', 'Queued'), job('b', 'Running'), job('a', 'Running')];
    expect(firstOf(jobs)?.name).toBe('a');
  });
  it('is the first that completed, whatever runs beside it', () => {
    const jobs = [
      job('d', 'Running'),
      job('c', 'Completed'),
      job('b', 'Completed'),
      job('a', 'Failed')
    ];
    expect(firstOf(jobs)?.name).toBe('b');
  });
  it('is the next try after one that failed, and the last of those', () => {
    const failed = [job('b', 'Failed'), job('a', 'Canceled')];
    expect(firstOf(failed)?.name).toBe('b');
    expect(firstOf([job('c', 'Queued'), ...failed])?.name).toBe('c');
  });
});
