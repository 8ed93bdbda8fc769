/** "Schedule this job…": when it is to be made again, with the times that follow from it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { Choice } from './components/choice';
import { ComingRuns } from './components/comingruns';
import { CopyEach } from './components/copyas';
import { Form, useSending } from './components/form';
import { IModalProps, showModal } from './components/modal';
import {
  FREQUENCIES,
  IScheduleForm,
  newScheduleForm,
  scheduleTrouble,
  scheduleTwins,
  triggerOf
} from './scheduleform';
import { WEEK } from './schedulewords';
import type { IAmlManager } from './tokens';
import type { NewSchedule, Schedule } from './wire';
import { weekDay } from './words';

export interface IScheduleOptions {
  manager: IAmlManager;
  trans: TranslationBundle;
  /** The job that is made each time, as it was. */
  job: { name: string; displayName: string; spec: NewSchedule['job'] };
}

/** Ask when, and make it. Null if the person changed their mind. */
export function askForSchedule(
  options: IScheduleOptions
): Promise<Schedule | null> {
  const { trans, job } = options;
  const title = trans.__('Schedule %1', job.displayName || job.name);
  return showModal<Schedule>(
    title,
    ({ close }) => <ScheduleForm {...options} title={title} close={close} />,
    'aml-schedule'
  );
}

type IFormProps = IModalProps<Schedule> & IScheduleOptions & { title: string };

interface IPartProps {
  form: IScheduleForm;
  trans: TranslationBundle;
  set(change: Partial<IScheduleForm>): void;
}

function ScheduleForm(props: IFormProps): JSX.Element {
  const { job, manager, trans, close } = props;
  const [form, setForm] = React.useState(() =>
    newScheduleForm(
      job.displayName || job.name,
      Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC'
    )
  );
  const sending = useSending();
  const set = (change: Partial<IScheduleForm>) => {
    setForm({ ...form, ...change });
    sending.forget();
  };
  const create = async () => {
    const trigger = triggerOf(form);
    const body: NewSchedule = { name: form.name, trigger, job: job.spec };
    close((await manager.call('schedules.create', { body })) as Schedule);
  };
  const trouble = scheduleTrouble(form, trans);
  const part = { form, trans, set };
  const isKnown = manager.schedules.some(one => one.name === form.name);
  return (
    <Form
      title={props.title}
      trouble={trouble}
      action={trans.__('Schedule job')}
      twins={
        <CopyEach
          texts={scheduleTwins(form.name, triggerOf(form), job.name, trans)}
          trans={trans}
        />
      }
      sending={sending}
      trans={trans}
      onSubmit={() => void sending.send(create)}
      onCancel={() => close(null)}
    >
      <Text {...part} field="name" label={trans.__('Name')} hasFocus />
      <Choice<IScheduleForm['kind']>
        legend={trans.__('When')}
        name="aml-schedule-kind"
        value={form.kind}
        options={[
          ['recurrence', trans.__('Every so often')],
          ['cron', trans.__('By a cron line')]
        ]}
        onChange={kind => set({ kind })}
      />
      {form.kind === 'cron' ? (
        <Text
          {...part}
          field="expression"
          label={trans.__('Minutes, hours, days, months, days of the week')}
          hint="0 7 * * 1-5"
        />
      ) : (
        <Recurrence {...part} />
      )}
      <details>
        <summary>{trans.__('More: time zone, start, end')}</summary>
        <div className="aml-pair">
          <Text {...part} field="timeZone" label={trans.__('Time zone')} />
          <Text
            {...part}
            field="start"
            type="datetime-local"
            label={trans.__('Not before')}
          />
          <Text
            {...part}
            field="end"
            type="datetime-local"
            label={trans.__('Not after')}
          />
        </div>
      </details>
      {!trouble && (
        <ComingRuns manager={manager} trigger={triggerOf(form)} trans={trans} />
      )}
      <p className="s">
        {isKnown && (
          <b>{trans.__('The schedule of this name is replaced.')} </b>
        )}
        {trans.__(
          'Each time a new job is made, with the code as it is now, while this machine is on. Times that pass while it is off are made up for once.'
        )}
      </p>
    </Form>
  );
}

function Recurrence(props: IPartProps): JSX.Element {
  const { form, trans, set } = props;
  const { frequency } = form;
  const names: Record<IScheduleForm['frequency'], string> = {
    minute: trans.__('minutes'),
    hour: trans.__('hours'),
    day: trans.__('days'),
    week: trans.__('weeks'),
    month: trans.__('months')
  };
  const hasTime = frequency !== 'minute' && frequency !== 'hour';
  return (
    <>
      <div className="fx aml-fields aml-when">
        <Text
          {...props}
          field="interval"
          type="number"
          label={trans.__('Every')}
        />
        <label className="field">
          <span>{trans.__('Unit')}</span>
          <select
            value={frequency}
            onChange={event =>
              set({
                frequency: event.target.value as IScheduleForm['frequency']
              })
            }
          >
            {FREQUENCIES.map(one => (
              <option key={one} value={one}>
                {names[one]}
              </option>
            ))}
          </select>
        </label>
        {frequency === 'month' && (
          <label className="field">
            <span>{trans.__('Day')}</span>
            <select
              value={form.monthDay}
              onChange={event => set({ monthDay: event.target.value })}
            >
              {Array.from({ length: 31 }, (_, index) => (
                <option key={index}>{index + 1}</option>
              ))}
              <option value="-1">{trans.__('the last')}</option>
            </select>
          </label>
        )}
        {hasTime && (
          <Text {...props} field="at" type="time" label={trans.__('At')} />
        )}
      </div>
      {frequency === 'week' && <Days {...props} />}
    </>
  );
}

function Days({ form, trans, set }: IPartProps): JSX.Element {
  return (
    <fieldset className="field">
      <legend>{trans.__('On')}</legend>
      <span className="radios aml-wrap">
        {WEEK.map((day, index) => (
          <label key={day} className="chk">
            <input
              type="checkbox"
              checked={form.weekDays.includes(day)}
              onChange={event =>
                set({
                  weekDays: event.target.checked
                    ? [...form.weekDays, day]
                    : form.weekDays.filter(one => one !== day)
                })
              }
            />
            {weekDay(index, 'short')}
          </label>
        ))}
      </span>
    </fieldset>
  );
}

function Text(
  props: IPartProps & {
    field: Exclude<keyof IScheduleForm, 'weekDays'>;
    label: string;
    type?: 'text' | 'number' | 'time' | 'datetime-local';
    hint?: string;
    hasFocus?: boolean;
  }
): JSX.Element {
  const { form, field, type = 'text', set } = props;
  return (
    <label className="field">
      <span>{props.label}</span>
      <input
        type={type}
        min={type === 'number' ? 1 : undefined}
        required={type === 'time'}
        data-autofocus={props.hasFocus || undefined}
        placeholder={props.hint}
        value={form[field]}
        onChange={event => set({ [field]: event.target.value })}
      />
    </label>
  );
}
