/** Schedules: jobs that are made by the clock. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { LinkButton } from '../components/controls';
import { Facts } from '../components/facts';
import { useNow } from '../components/hooks';
import { openMenu } from '../components/menu';
import { ErrorMessage, Message } from '../components/message';
import { Rows } from '../components/rowlist';
import type { IRow, IRowAction } from '../components/rows';
import { nextWords, runWords, triggerWords } from '../schedulewords';
import { jobState, staleState } from '../status';
import { CommandIDs, ISectionProps, ISidebarSection } from '../tokens';
import { scheduleVerbTwins, twinEntries } from '../twins';
import type { Schedule, ScheduleRun } from '../wire';
import { moment } from '../words';

export function schedulesSection(trans: TranslationBundle): ISidebarSection {
  return {
    id: 'schedules',
    title: trans.__('Schedules'),
    rank: 350,
    count: manager => `${manager.schedules.length}`,
    // The first one is made from a job's menu, which says what it is for.
    isVisible: manager => manager.schedules.length > 0,
    tools: [CommandIDs.scheduleJob],
    Body: Schedules
  };
}

export function Schedules(props: ISectionProps): JSX.Element {
  const { manager, commands, trans } = props;
  const now = useNow(true);
  const named = (id: string) => manager.schedules.find(one => one.name === id);
  const menu = (id: string, anchor: Element, event?: React.MouseEvent) => {
    const schedule = named(id);
    if (schedule) {
      openMenu(commands, menuOf(schedule, trans), anchor, event);
    }
  };
  return (
    <Rows
      label={trans.__('Schedules')}
      rows={manager.schedules.map(schedule => {
        const row = scheduleRow(schedule, props, now);
        return { ...row, action: actionOf(row, props, menu) };
      })}
      onMenu={menu}
      onOpen={id => {
        const job = named(id)?.runs[0]?.job;
        if (job) {
          void commands.execute(CommandIDs.openJob, { name: job });
        }
      }}
      onDelete={id =>
        void commands.execute(CommandIDs.deleteSchedule, { name: id })
      }
    />
  );
}

/** What was refused is told, with its fix, by the row's details. */
function actionOf(
  row: IRow,
  { trans }: ISectionProps,
  menu: (id: string, anchor: Element) => void
): IRowAction {
  return row.isFailed
    ? { label: trans.__('Fix…') }
    : {
        glyph: 'more',
        label: trans.__('Actions for %1', row.name),
        run: anchor => menu(row.id, anchor)
      };
}

function scheduleRow(
  schedule: Schedule,
  props: ISectionProps,
  now: number
): IRow {
  const { manager, trans } = props;
  const [last] = schedule.runs;
  const problem = manager.problemOf(`schedule/${schedule.name}`);
  const refused = schedule.enabled && last?.error ? last.error.message : '';
  const when = triggerWords(schedule.trigger, trans);
  return {
    id: schedule.name,
    name: schedule.displayName || schedule.name,
    state: stateOf(schedule, props, refused !== ''),
    value: refused ? undefined : nextWords(schedule, now),
    detail:
      problem?.message ||
      refused ||
      (last
        ? trans.__('last %1, %2', lastWords(last, props, now), when)
        : when),
    isFailed: refused !== '',
    details: () => <Details {...props} schedule={schedule} now={now} />
  };
}

function stateOf(
  schedule: Schedule,
  { manager, trans }: ISectionProps,
  isRefused: boolean
): IRow['state'] {
  if (manager.link.kind !== 'online') {
    return staleState(trans);
  }
  if (isRefused) {
    return { shape: 'failed', word: trans.__('Failed') };
  }
  return schedule.enabled
    ? { shape: 'queued', word: trans.__('Enabled') }
    : { shape: 'stopped', word: trans.__('Disabled') };
}

/** How the run's job did, as far as the list knows it. */
function lastWords(
  run: ScheduleRun,
  { manager, trans }: ISectionProps,
  now: number
): string {
  const job = manager.jobNamed(run.job);
  return runWords(run, job ? jobState(job, trans).word : '', now, trans);
}

/** Rows below a row are few. */
const MOST = 5;

function Details(
  props: ISectionProps & { schedule: Schedule; now: number }
): JSX.Element {
  const { schedule, manager, commands, trans, now } = props;
  const { trigger, nextRunAt } = schedule;
  const key = `schedule/${schedule.name}`;
  const problem = manager.problemOf(key);
  const open = (name: string) =>
    void commands.execute(CommandIDs.openJob, { name });
  return (
    <>
      {problem && (
        <ErrorMessage
          error={problem}
          trans={trans}
          onDismiss={() => manager.dismissProblem(key)}
        />
      )}
      {schedule.runs[0]?.error && (
        <ErrorMessage error={schedule.runs[0].error} trans={trans} />
      )}
      {schedule.warnings.map(warning => (
        <Message key={warning} kind="warn" title={warning} />
      ))}
      <Facts
        facts={[
          [trans.__('When'), triggerWords(trigger, trans)],
          [trans.__('Time zone'), trigger.timeZone ?? ''],
          [
            trans.__('Next run'),
            nextRunAt ? moment(nextRunAt, trigger.timeZone) : trans.__('none')
          ],
          [trans.__('Compute'), schedule.job.compute ?? ''],
          ...schedule.runs.slice(0, MOST).map((run, index) => {
            const words = lastWords(run, props, now);
            return [
              index ? trans.__('Before') : trans.__('Last run'),
              run.job ? (
                <LinkButton label={words} onClick={() => open(run.job)} />
              ) : (
                words
              )
            ] as const;
          })
        ]}
      />
    </>
  );
}

function menuOf(schedule: Schedule, trans: TranslationBundle) {
  const { name, runs, enabled } = schedule;
  const args = { name };
  const last = runs[0]?.job;
  return [
    ...(last ? [{ command: CommandIDs.openJob, args: { name: last } }] : []),
    { command: CommandIDs.triggerSchedule, args },
    {
      command: enabled ? CommandIDs.disableSchedule : CommandIDs.enableSchedule,
      args
    },
    { command: CommandIDs.deleteSchedule, args },
    null,
    ...twinEntries(scheduleVerbTwins(name), trans)
  ];
}
