/** The form of a schedule: what is typed, the trigger it becomes, and the same as code. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { WEEK } from './schedulewords';
import { snakeCase } from './snakecase';
import type { NewSchedule, Trigger, WeekDay } from './wire';

type Frequency = Extract<Trigger, { type: 'recurrence' }>['frequency'];

export const FREQUENCIES: readonly Frequency[] = [
  'minute',
  'hour',
  'day',
  'week',
  'month'
];

/** As typed. */
export interface IScheduleForm {
  name: string;
  kind: 'recurrence' | 'cron';
  frequency: Frequency;
  interval: string;
  /** HH:MM, for days, weeks and months. */
  at: string;
  weekDays: readonly WeekDay[];
  /** 1 to 31; -1 is the last of a month. */
  monthDay: string;
  expression: string;
  timeZone: string;
  /** As a field of date and time has it; empty is none. */
  start: string;
  end: string;
}

export function newScheduleForm(
  jobName: string,
  timeZone: string
): IScheduleForm {
  return {
    name: nameFrom(jobName),
    kind: 'recurrence',
    frequency: 'day',
    interval: '1',
    at: '07:00',
    weekDays: ['monday'],
    monthDay: '1',
    expression: '0 7 * * 1-5',
    timeZone,
    start: '',
    end: ''
  };
}

/** Letters, digits, - and _ alone, as names of schedules have them. */
function nameFrom(jobName: string): string {
  const name = jobName
    .replace(/[^A-Za-z0-9_-]+/g, '-')
    .replace(/^[-_]+|[-_]+$/g, '');
  return `${name || 'job'}-schedule`.slice(0, 64);
}

/** What of the form cannot be sent, in words; the service says what it refuses besides. */
export function scheduleTrouble(
  form: IScheduleForm,
  trans: TranslationBundle
): string {
  if (!/^[A-Za-z0-9][\w-]*$/.test(form.name)) {
    return trans.__('Name: letters, digits, - and _.');
  }
  if (form.kind === 'cron') {
    return form.expression.trim().split(/\s+/).length === 5
      ? ''
      : trans.__(
          'A cron line has five fields: minutes, hours, days, months, days of the week.'
        );
  }
  const interval = Number(form.interval);
  if (!Number.isInteger(interval) || interval < 1) {
    return trans.__('Every: a whole number above 0.');
  }
  return form.frequency === 'week' && !form.weekDays.length
    ? trans.__('Choose a day of the week.')
    : '';
}

export function triggerOf(form: IScheduleForm): Trigger {
  const shared = {
    timeZone: form.timeZone.trim() || 'UTC',
    ...(form.start ? { startTime: form.start } : {}),
    ...(form.end ? { endTime: form.end } : {})
  };
  if (form.kind === 'cron') {
    return { type: 'cron', expression: form.expression.trim(), ...shared };
  }
  const { frequency } = form;
  const interval = Number(form.interval);
  if (frequency === 'minute' || frequency === 'hour') {
    return { type: 'recurrence', frequency, interval, ...shared };
  }
  const [hour = 0, minute = 0] = form.at.split(':').map(Number);
  const weekDays = WEEK.filter(day => form.weekDays.includes(day));
  return {
    type: 'recurrence',
    frequency,
    interval,
    schedule: {
      hours: [hour],
      minutes: [minute],
      ...(frequency === 'week' ? { weekDays } : {}),
      ...(frequency === 'month' ? { monthDays: [Number(form.monthDay)] } : {})
    },
    ...shared
  };
}

/** The same schedule of a job for who would rather type it: label and text. */
export function scheduleTwins(
  name: string,
  trigger: Trigger,
  job: string,
  trans: TranslationBundle
): [string, string][] {
  const file = `name: ${name}\ntrigger: ${JSON.stringify(snakeCase(trigger))}\ncreate_job: job.yml\n`;
  const show = `jupyter aml job show ${job} -o yaml > job.yml\n`;
  return [
    [
      trans.__('CLI'),
      `${show}jupyter aml schedule create --file - <<'END'\n${file}END\n`
    ],
    [trans.__('Schedule file'), file],
    [
      trans.__('Python'),
      `import msgspec
import jupyter_aml as aml
from jupyter_aml.model.schedule import CreateSchedule, Trigger

client = aml.connect()
trigger = msgspec.json.decode(${pythonText(JSON.stringify(trigger))}, type=Trigger)
job = client.jobs.get(${JSON.stringify(job)}).spec
client.schedules.create(CreateSchedule(name=${JSON.stringify(name)}, trigger=trigger, job=job))
`
    ]
  ];
}

/** Single quotes: JSON has none of its own in what a trigger holds. */
function pythonText(json: string): string {
  return `'${json.replace(/\\/g, '\\\\').replace(/'/g, "\\'")}'`;
}

/** What a schedule may make: the job's own spec, if it is of a kind that stands alone. */
export function scheduled(
  spec: { type: string } | null
): NewSchedule['job'] | null {
  const kinds = ['command', 'notebook', 'sweep', 'pipeline'];
  return spec && kinds.includes(spec.type)
    ? ({ ...spec, parent: '' } as unknown as NewSchedule['job'])
    : null;
}
