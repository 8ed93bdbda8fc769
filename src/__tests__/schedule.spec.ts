import { nullTranslator } from '@jupyterlab/translation';
import {
  IScheduleForm,
  newScheduleForm,
  scheduled,
  scheduleTrouble,
  scheduleTwins,
  triggerOf
} from '../scheduleform';
import { cronWords, nextWords, runWords, triggerWords } from '../schedulewords';
import type { Schedule, ScheduleRun, Trigger } from '../wire';

const trans = nullTranslator.load('jupyter_aml');

beforeAll(() => {
  document.documentElement.lang = 'en-GB';
});

describe('a cron line in words', () => {
  it.each([
    ['* * * * *', 'every minute'],
    ['*/15 * * * *', 'every 15 minutes'],
    ['5 * * * *', 'every hour at minute 5'],
    ['0 */6 * * *', 'every 6 hours at minute 0'],
    ['30 7 * * *', 'every day at 07:30'],
    ['0 7 * * 1', 'every Monday at 07:00'],
    ['0 7 * * 1-3', 'every Mon, Tue, Wed at 07:00'],
    ['0 7 * * mon,fri', 'every Monday, Friday at 07:00'],
    ['0 7 * * 7', 'every Sunday at 07:00'],
    ['0 6 1 * *', 'every month on day 1 at 06:00']
  ])('%s is %s', (line, words) => {
    expect(cronWords(line, trans)).toBe(words);
  });

  it.each(['0 7 1 6 *', '0 7 1 * 1', '1,2 3 * * *', '0 7 * * x', '0 7 * *'])(
    '%s is not put into words that would be wrong',
    line => {
      expect(cronWords(line, trans)).toBe('');
    }
  );

  it('stands for itself where it says more', () => {
    const trigger: Trigger = { type: 'cron', expression: '1,2 3 * * *' };
    expect(triggerWords(trigger, trans)).toBe('by the cron line 1,2 3 * * *');
  });
});

describe('a recurrence in words', () => {
  const words = (fields: Partial<Extract<Trigger, { type: 'recurrence' }>>) =>
    triggerWords({ type: 'recurrence', frequency: 'day', ...fields }, trans);

  it('says how often, on which days and when', () => {
    expect(words({ frequency: 'minute', interval: 5 })).toBe('every 5 minutes');
    expect(words({ schedule: { hours: [7, 19], minutes: [0] } })).toBe(
      'every day at 07:00, 19:00'
    );
    expect(
      words({
        frequency: 'week',
        interval: 2,
        schedule: { hours: [7], weekDays: ['monday'] }
      })
    ).toBe('every 2 weeks on Monday at 07:00');
    expect(
      words({ frequency: 'month', schedule: { monthDays: [1, -1] } })
    ).toBe('every month on day 1, the last day');
  });
});

describe('the form', () => {
  const form = (fields: Partial<IScheduleForm> = {}): IScheduleForm => ({
    ...newScheduleForm('Train: the model', 'Europe/Berlin'),
    ...fields
  });

  it('begins with a name that is allowed, and is every morning', () => {
    expect(form().name).toBe('Train-the-model-schedule');
    expect(scheduleTrouble(form(), trans)).toBe('');
    expect(triggerOf(form())).toEqual({
      type: 'recurrence',
      frequency: 'day',
      interval: 1,
      schedule: { hours: [7], minutes: [0] },
      timeZone: 'Europe/Berlin'
    });
    expect(newScheduleForm('…', 'UTC').name).toBe('job-schedule');
  });

  it('has days for weeks and months alone, no hours for hours', () => {
    const week = form({ frequency: 'week', weekDays: ['friday', 'monday'] });
    expect(triggerOf(week)).toMatchObject({
      schedule: { weekDays: ['monday', 'friday'] }
    });
    const month = form({ frequency: 'month', monthDay: '-1' });
    expect(triggerOf(month)).toMatchObject({ schedule: { monthDays: [-1] } });
    expect(triggerOf(form({ frequency: 'hour' }))).not.toHaveProperty(
      'schedule'
    );
  });

  it('says what is wrong before it is sent', () => {
    expect(scheduleTrouble(form({ name: 'a b' }), trans)).toMatch(/^Name/);
    expect(scheduleTrouble(form({ interval: '0' }), trans)).toMatch(/^Every/);
    const cron = form({ kind: 'cron', expression: '0 7 * *' });
    expect(scheduleTrouble(cron, trans)).toMatch(/five fields/);
    const week = form({ frequency: 'week', weekDays: [] });
    expect(scheduleTrouble(week, trans)).toMatch(/day of the week/);
  });

  it('is a file of Azure ML too', () => {
    const trigger = triggerOf(
      form({ kind: 'cron', start: '2026-12-01T00:00' })
    );
    const [[, cli], [, file], [, python]] = scheduleTwins(
      'nightly',
      trigger,
      'job-1',
      trans
    ) as [[string, string], [string, string], [string, string]];
    expect(file).toContain('"time_zone":"Europe/Berlin"');
    expect(file).toContain('"start_time":"2026-12-01T00:00"');
    expect(file).toContain('create_job: job.yml');
    expect(cli).toContain('jupyter aml job show job-1 -o yaml > job.yml');
    expect(python).toContain('"expression":"0 7 * * 1-5"');
  });

  it('takes jobs that stand alone', () => {
    expect(scheduled({ type: 'cell' })).toBeNull();
    expect(scheduled(null)).toBeNull();
    const part = { type: 'command', command: 'true', parent: 'tune' };
    expect(scheduled(part)).toMatchObject({ command: 'true', parent: '' });
  });
});

describe('runs', () => {
  const now = Date.UTC(2026, 10, 22, 12);
  const at = (hours: number) => new Date(now + hours * 3.6e6).toISOString();

  it('that come soon are told by the clock, later ones with the day', () => {
    const next = (hours: number) =>
      nextWords({ nextRunAt: at(hours) } as Schedule, now);
    expect(next(2)).toMatch(/^\d\d:\d\d$/);
    expect(next(50)).toMatch(/Nov/);
    expect(nextWords({ nextRunAt: null } as Schedule, now)).toBe('');
  });

  it('that were made say how they did', () => {
    const run = { due: at(-3), madeAt: at(-3), error: null } as ScheduleRun;
    expect(runWords(run, 'Completed', now, trans)).toBe('Completed 3 h ago');
    expect(runWords(run, '', now, trans)).toBe('made 3 h ago');
    const error = { code: 'NotFound', message: 'There is no x' } as never;
    expect(runWords({ ...run, error }, '', now, trans)).toBe(
      'refused 3 h ago: There is no x'
    );
  });
});
