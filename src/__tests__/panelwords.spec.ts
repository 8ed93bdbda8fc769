import { nullTranslator } from '@jupyterlab/translation';
import { amountOf } from '../budgetdialog';
import { filterJobs } from '../jobfilter';
import { linkOf } from '../link';
import { whyNot } from '../mayact';
import { budgetNote, guardWords, lastsWords, spentWords } from '../money';
import { isWorthANotice, noticeWords } from '../notice';
import { ApiError } from '../request';
import { range, usually, usualStart, waitDetail } from '../waitwords';
import type { CostSummary, Guard, JobSummary, Wait } from '../wire';

const trans = nullTranslator.load('');
const costs = (fields: Partial<CostSummary>) =>
  ({
    rehearsal: false,
    spentToday: 9.31,
    budgetPerDay: 20,
    lastsUntil: null,
    ...fields
  }) as CostSummary;
const job = (fields: Partial<JobSummary>) =>
  ({
    name: 'j',
    displayName: 'train',
    status: 'Completed',
    statusReason: '',
    attempt: 1,
    compute: 'gpu',
    experimentName: '',
    notebook: '',
    cause: '',
    error: null,
    listPrice: null,
    createdAt: '2026-01-01T00:00:00Z',
    startedAt: '2026-01-01T00:00:00Z',
    endedAt: '2026-01-01T00:01:30Z',
    ...fields
  }) as JobSummary;

describe('money', () => {
  it('is "would be" where nothing is charged', () => {
    expect(spentWords(costs({}), trans)).toBe('$9.31 of $20.00 today');
    expect(spentWords(costs({ rehearsal: true }), trans)).toBe(
      '$9.31 of $20.00 today, would be'
    );
    expect(
      spentWords(costs({ rehearsal: true, budgetPerDay: null }), trans)
    ).toBe('$9.31 today, would be');
    expect(lastsWords(costs({}), trans)).toBe('');
    expect(
      lastsWords(costs({ lastsUntil: '2026-01-01T17:34:00Z' }), trans)
    ).toMatch(/^lasts to \d\d:\d\d$/);
  });

  it('has a guard, and says when it was not seen', () => {
    const guard = (state: Guard['state'], seenAt: string | null = null) =>
      guardWords({ state, seenAt, message: 'more' }, trans);
    expect(guard('off')).toBeNull();
    expect(guard('watching')).toMatchObject({ shape: 'shield', more: '' });
    expect(guard('holding')).toMatchObject({ shape: 'warn', more: 'more' });
    expect(guard('silent')?.word).toBe('guard not seen');
    expect(guard('silent', '2026-01-01T12:10:00Z')?.word).toMatch(/since/);
  });

  it('says what a budget does only where it would do something', () => {
    const note = (perDay: number, action: string) =>
      budgetNote(perDay, costs({}), action, trans);
    expect(note(19, 'stop')).toBe('');
    expect(note(50, 'stop')).toBe('Your budget stops it at $20.00 a day.');
    expect(note(50, 'warn')).toBe('Your budget warns at $20.00 a day.');
    expect(budgetNote(50, null, 'stop', trans)).toBe('');
  });

  it('is typed as people type it', () => {
    expect(['', ' 20 ', '$4.5', '2,50', '0', '-1', 'x'].map(amountOf)).toEqual([
      null,
      20,
      4.5,
      2.5,
      undefined,
      undefined,
      undefined
    ]);
  });
});

describe('waits', () => {
  it('are said in seconds or minutes, as a range where there is one', () => {
    expect(range(0.2, 0.9, trans)).toBe('about 1 s');
    expect(range(4, 12, trans)).toBe('4 to 12 s');
    expect(range(40, 40.3, trans)).toBe('40 s');
    expect(range(118, 124, trans)).toBe('2 min');
    expect(range(180, 360, trans)).toBe('3 to 6 min');
    expect(range(10, 300, trans)).toBe('up to 5 min');
  });

  it('are silent where nothing is known', () => {
    expect(usually({ usualLow: null, usualHigh: null }, trans)).toBe('');
    expect(usualStart([], 's', 'cold', trans)).toBe('');
  });

  it('name the reason of the stage', () => {
    const wait = {
      usualLow: 180,
      usualHigh: 360,
      stages: [
        { name: 'queued', state: 'done', reason: 'no' },
        { name: 'node', state: 'current', reason: 'asking for a node' }
      ]
    } as unknown as Wait;
    expect(waitDetail(wait, trans)).toBe(
      'asking for a node, usually 3 to 6 min'
    );
  });
});

describe('a notice', () => {
  const away = { isInSight: false, wasAsked: false };

  it('is for what nobody looks at, wanted or would have seen', () => {
    expect(isWorthANotice(job({}), away)).toBe(true);
    expect(isWorthANotice(job({}), { ...away, isInSight: true })).toBe(false);
    expect(isWorthANotice(job({}), { ...away, wasAsked: true })).toBe(false);
    const short = { endedAt: '2026-01-01T00:00:04Z' };
    expect(isWorthANotice(job(short), away)).toBe(false);
    expect(isWorthANotice(job({ ...short, status: 'Failed' }), away)).toBe(
      true
    );
  });

  it('says time and cost, or the cause', () => {
    expect(noticeWords(job({ listPrice: 0.33 }), trans)).toEqual({
      kind: 'success',
      title: 'train: Completed',
      text: '1:30, $0.33'
    });
    expect(
      noticeWords(job({ status: 'Failed', cause: 'out of memory' }), trans)
    ).toMatchObject({ kind: 'error', text: 'out of memory' });
  });
});

describe('the panel', () => {
  it('finds jobs by all words, in name, state or compute', () => {
    const jobs = [
      job({}),
      job({ name: 'k', displayName: 'tune', compute: 'cpu' })
    ];
    const names = (text: string) =>
      filterJobs(jobs, text, trans).map(one => one.name);
    expect(names('')).toEqual(['j', 'k']);
    expect(names('GPU completed')).toEqual(['j']);
    expect(names('cpu failed')).toEqual([]);
    expect(filterJobs(jobs, '  ', trans)).toBe(jobs);
  });

  it('says why nothing can be asked for', () => {
    const online = { kind: 'online' } as const;
    expect(whyNot({ link: online, mayWrite: true }, trans)).toBe('');
    expect(whyNot({ link: online, mayWrite: false }, trans)).toContain('look');
    expect(
      whyNot({ link: { kind: 'missing' }, mayWrite: true }, trans)
    ).toContain('not reached');
  });

  it('tells a refusal from a service that is down', () => {
    const error = new ApiError({ code: 'Unavailable', message: '' });
    expect(linkOf(error, true, 1, 2)).toMatchObject({
      kind: 'refused',
      retryAt: 2
    });
    expect(linkOf(error, false, 1, 2)).toMatchObject({
      kind: 'down',
      retryAt: 1
    });
  });
});
