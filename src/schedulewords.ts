/** When a schedule makes its job, in words. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Schedule, ScheduleRun, Trigger, WeekDay } from './wire';
import { ago, moment, secondsBetween, shortClock, weekDay } from './words';

export const WEEK: readonly WeekDay[] = [
  'sunday',
  'monday',
  'tuesday',
  'wednesday',
  'thursday',
  'friday',
  'saturday'
];

/** "every Monday at 07:00", without the time zone. */
export function triggerWords(
  trigger: Trigger,
  trans: TranslationBundle
): string {
  return trigger.type === 'cron'
    ? cronWords(trigger.expression, trans) ||
        trans.__('by the cron line %1', trigger.expression)
    : recurrenceWords(trigger, trans);
}

function recurrenceWords(
  trigger: Extract<Trigger, { type: 'recurrence' }>,
  trans: TranslationBundle
): string {
  const count = trigger.interval ?? 1;
  const { weekDays = [], monthDays = [] } = trigger.schedule ?? {};
  const every = {
    minute: () => trans._n('every minute', 'every %1 minutes', count),
    hour: () => trans._n('every hour', 'every %1 hours', count),
    day: () => trans._n('every day', 'every %1 days', count),
    week: () => trans._n('every week', 'every %1 weeks', count),
    month: () => trans._n('every month', 'every %1 months', count)
  }[trigger.frequency]();
  const days = weekDays.length
    ? dayNames(weekDays.map(one => WEEK.indexOf(one)))
    : monthDays
        .map(day =>
          day === -1 ? trans.__('the last day') : trans.__('day %1', day)
        )
        .join(', ');
  const times = timesOf(trigger);
  if (days && times) {
    return trans.__('%1 on %2 at %3', every, days, times);
  }
  return days
    ? trans.__('%1 on %2', every, days)
    : times
      ? trans.__('%1 at %2', every, times)
      : every;
}

function timesOf(trigger: Extract<Trigger, { type: 'recurrence' }>): string {
  const { hours = [], minutes = [] } = trigger.schedule ?? {};
  const atMinutes = minutes.length ? minutes : [0];
  return hours
    .flatMap(hour => atMinutes.map(minute => clockOf(hour, minute)))
    .join(', ');
}

/** What a cron line says; empty for one that is not simply put. */
export function cronWords(
  expression: string,
  trans: TranslationBundle
): string {
  const fields = expression.trim().split(/\s+/);
  const [minute = '', hour = '', day = '', month = '', week = ''] = fields;
  if (fields.length !== 5 || month !== '*') {
    return '';
  }
  if (day === '*' && week === '*') {
    const often = oftenWords(minute, hour, trans);
    if (often) {
      return often;
    }
  }
  if (!isNumber(minute) || !isNumber(hour)) {
    return '';
  }
  const at = clockOf(Number(hour), Number(minute));
  if (day === '*' && week === '*') {
    return trans.__('every day at %1', at);
  }
  const days = weekDaysOf(week);
  if (day === '*' && days) {
    return trans.__('every %1 at %2', dayNames(days), at);
  }
  return week === '*' && isNumber(day)
    ? trans.__('every month on day %1 at %2', Number(day), at)
    : '';
}

/** Several times a day. */
function oftenWords(
  minute: string,
  hour: string,
  trans: TranslationBundle
): string {
  const minutes = stepOf(minute);
  const hours = stepOf(hour);
  if (minutes && hour === '*') {
    return trans._n('every minute', 'every %1 minutes', minutes);
  }
  return hours && isNumber(minute)
    ? trans._n(
        'every hour at minute %2',
        'every %1 hours at minute %2',
        hours,
        Number(minute)
      )
    : '';
}

// 15 of "*/15", 1 of "*"; 0 of anything else.
function stepOf(field: string): number {
  return field === '*' ? 1 : Number(/^\*\/(\d{1,2})$/.exec(field)?.[1] ?? 0);
}

/** "1-5", "mon,thu" and "0" as days from Sunday; null for what says more. */
function weekDaysOf(field: string): number[] | null {
  const found: number[] = [];
  for (const part of field.toLowerCase().split(',')) {
    const [from, to] = part.split('-').map(dayOf);
    if (from === undefined || from < 0 || (to !== undefined && to < from)) {
      return null;
    }
    for (let day = from; day <= (to ?? from); day += 1) {
      found.push(day % 7);
    }
  }
  return found;
}

function dayOf(text: string): number {
  return /^[0-7]$/.test(text)
    ? Number(text)
    : WEEK.findIndex(day => day.slice(0, 3) === text);
}

function dayNames(days: readonly number[]): string {
  const style = days.length > 2 ? 'short' : 'long';
  return days.map(day => weekDay(day, style)).join(', ');
}

function isNumber(field: string): boolean {
  return /^\d{1,2}$/.test(field);
}

function clockOf(hour: number, minute: number): string {
  return [hour, minute].map(one => String(one).padStart(2, '0')).join(':');
}

/** The one number of a row: the clock while it is near, else the day too. */
export function nextWords(schedule: Schedule, now: number): string {
  const { nextRunAt } = schedule;
  if (!nextRunAt) {
    return '';
  }
  return secondsBetween(nextRunAt, now) > -82_800
    ? shortClock(nextRunAt)
    : moment(nextRunAt);
}

/** "Completed 3 h ago", of when it was made; `word` is the state of its job, empty where that is not known. */
export function runWords(
  run: ScheduleRun,
  word: string,
  now: number,
  trans: TranslationBundle
): string {
  const age = ago(secondsBetween(run.madeAt, now), trans);
  if (run.error) {
    return trans.__('refused %1: %2', age, run.error.message);
  }
  return word ? trans.__('%1 %2', word, age) : trans.__('made %1', age);
}
