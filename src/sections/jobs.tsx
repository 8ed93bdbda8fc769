import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { useNow } from '../components/hooks';
import { openMenu } from '../components/menu';
import { ErrorMessage } from '../components/message';
import { LinkButton } from '../components/controls';
import { Facts } from '../components/facts';
import { IRow, Rows } from '../components/rows';
import { isFinal, jobState, mayCancel, reasonOf, staleState } from '../status';
import {
  CommandIDs,
  IAmlManager,
  ISectionProps,
  ISidebarSection
} from '../tokens';
import type { JobSummary } from '../wire';
import * as words from '../words';

export function jobsSection(trans: TranslationBundle): ISidebarSection {
  return {
    id: 'jobs',
    title: trans.__('Jobs'),
    rank: 300,
    count: manager => `${manager.jobs.length}${manager.moreJobs ? '+' : ''}`,
    Body: Jobs
  };
}

export function Jobs(props: ISectionProps): JSX.Element {
  const { manager, commands, trans } = props;
  const { jobs } = manager;
  const now = useNow(jobs.some(job => !isFinal(job.status)));
  if (!jobs.length) {
    return (
      <div className="aml-empty">
        <p className="s">
          {trans.__(
            'Each %1 cell is a job: kept with its log, output and cost, also after a restart.',
            '%%aml'
          )}
        </p>
      </div>
    );
  }
  const open = (name: string) =>
    void commands.execute(CommandIDs.openJob, { name });
  const cancel = (name: string) =>
    void commands.execute(CommandIDs.cancelJob, { name });
  const menu = (name: string, anchor: Element, event?: React.MouseEvent) =>
    openMenu(
      commands,
      [
        { command: CommandIDs.openJob, args: { name } },
        { command: CommandIDs.cancelJob, args: { name } },
        { command: CommandIDs.archiveJob, args: { name } },
        null,
        {
          command: CommandIDs.copyText,
          args: { text: name, label: trans.__('Copy Name') }
        },
        {
          command: CommandIDs.copyText,
          args: {
            text: `%aml job stream ${name}`,
            label: trans.__('Copy as Magic')
          }
        },
        {
          command: CommandIDs.copyText,
          args: {
            text: `jupyter aml job stream ${name}`,
            label: trans.__('Copy as CLI')
          }
        }
      ],
      anchor,
      event
    );
  const rows = jobs.map(job => {
    const row = jobRow(job, manager, trans, now);
    const failed = row.isFailed;
    row.action = mayCancel(job.status)
      ? {
          glyph: 'stop',
          label: trans.__('Cancel %1', row.name),
          disabled: manager.link.kind !== 'online',
          run: () => cancel(job.name)
        }
      : failed
        ? {
            label: trans.__('Fix…'),
            run: () => open(job.name)
          }
        : {
            glyph: 'more',
            label: trans.__('Actions for %1', row.name),
            run: anchor => menu(job.name, anchor)
          };
    return row;
  });
  return (
    <>
      <Rows
        label={trans.__('Jobs')}
        rows={rows}
        onOpen={open}
        onMenu={menu}
        onDelete={cancel}
      />
      {manager.moreJobs && (
        <div className="aml-more">
          <LinkButton
            label={trans.__('Show older jobs')}
            onClick={() => void manager.loadMoreJobs()}
          />
        </div>
      )}
    </>
  );
}

/** A job as a row. Its action is the list's matter. */
export function jobRow(
  job: JobSummary,
  manager: IAmlManager,
  trans: TranslationBundle,
  now: number
): IRow {
  const key = `job/${job.name}`;
  const problem = manager.problemOf(key);
  const isActive = !isFinal(job.status);
  const state = jobState(job, trans);
  const row: IRow = {
    id: job.name,
    name: job.displayName || job.name,
    state,
    value: jobNumber(job, trans, now),
    detail: problem?.message ?? jobDetail(job, trans, now),
    progress: isActive ? job.progress : null,
    isFailed: job.status === 'Failed',
    details: () => (
      <JobDetails
        job={job}
        trans={trans}
        problem={
          problem && (
            <ErrorMessage
              error={problem}
              trans={trans}
              onDismiss={() => manager.dismissProblem(key)}
            />
          )
        }
      />
    )
  };
  if (isActive && manager.link.kind !== 'online' && manager.heardAt) {
    row.state = staleState(trans);
    row.value = undefined;
    row.progress = null;
    row.detail = trans.__(
      'was %1 %2',
      state.word,
      words.ago((now - manager.heardAt) / 1000, trans)
    );
  } else if (manager.askedOf(key) === 'cancel') {
    row.state = { shape: 'preparing', word: trans.__('Canceling') };
  }
  return row;
}

/** Time while it goes on; after that what it cost, or how long it took where nothing costs. */
function jobNumber(
  job: JobSummary,
  trans: TranslationBundle,
  now: number
): string | undefined {
  if (job.status === 'Failed') {
    return undefined;
  }
  if (!isFinal(job.status)) {
    const since = job.startedAt ?? job.createdAt;
    return words.elapsed(words.secondsBetween(since, now));
  }
  if (job.listPrice) {
    return words.money(job.listPrice);
  }
  return job.startedAt && job.endedAt
    ? words.duration(words.secondsBetween(job.startedAt, job.endedAt), trans)
    : '';
}

function jobDetail(
  job: JobSummary,
  trans: TranslationBundle,
  now: number
): string {
  if (job.status === 'Failed') {
    return job.error?.message || job.statusReason;
  }
  if (!isFinal(job.status)) {
    const percent =
      job.progress === null
        ? ''
        : trans.__('%1 % on %2', Math.round(job.progress * 100), job.compute);
    return reasonOf(job) || percent || trans.__('on %1', job.compute);
  }
  const age = job.endedAt
    ? words.ago(words.secondsBetween(job.endedAt, now), trans)
    : '';
  return trans.__('on %1, %2', job.compute, age);
}

function JobDetails(props: {
  job: JobSummary;
  trans: TranslationBundle;
  problem: JSX.Element | null;
}): JSX.Element {
  const { job, trans, problem } = props;
  return (
    <>
      {problem}
      {job.error && <ErrorMessage error={job.error} trans={trans} />}
      <Facts
        facts={[
          [trans.__('Name'), job.name],
          [trans.__('Compute'), job.compute],
          [trans.__('Nodes'), job.instanceCount > 1 ? job.instanceCount : ''],
          [trans.__('Experiment'), job.experimentName],
          [trans.__('Notebook'), job.notebook.replace(/^.*\//, '')],
          [trans.__('Session'), job.session],
          [trans.__('Submitted'), words.clock(job.createdAt)],
          [trans.__('Attempt'), job.attempt > 1 ? job.attempt : '']
        ]}
      />
    </>
  );
}
