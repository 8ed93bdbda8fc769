import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { LinkButton, TextButton } from '../components/controls';
import { useNow } from '../components/hooks';
import { JobFilter, useJobFilter } from '../components/jobfilter';
import { openMenu } from '../components/menu';
import { RowList } from '../components/rowlist';
import type { IRow, IRowAction } from '../components/rows';
import { useWaits } from '../components/usewaits';
import { whyNot } from '../mayact';
import { mayCancel } from '../status';
import { CommandIDs, ISectionProps, ISidebarSection } from '../tokens';
import { streamTwins, twinEntries } from '../twins';
import type { JobSummary } from '../wire';
import { jobRow } from './jobrow';

export function jobsSection(trans: TranslationBundle): ISidebarSection {
  return {
    id: 'jobs',
    title: trans.__('Jobs'),
    rank: 300,
    count: manager => `${manager.jobs.length}${manager.moreJobs ? '+' : ''}`,
    tools: [CommandIDs.filterJobs, CommandIDs.createJob],
    Body: Jobs
  };
}

export function Jobs(props: ISectionProps): JSX.Element {
  const { manager, commands, trans } = props;
  const filter = useJobFilter(manager.jobs, trans);
  const waits = useWaits(manager);
  const now = useNow(manager.activeJobs.length > 0);
  if (!manager.jobs.length) {
    return <NoJobs {...props} />;
  }
  const run = (command: string) => (name: string) =>
    void commands.execute(command, { name });
  const menu = (name: string, anchor: Element, event?: React.MouseEvent) =>
    openMenu(commands, menuOf(name, trans), anchor, event);
  const rowOf = (job: JobSummary): IRow => {
    const row = jobRow(job, waits.get(job.name) ?? null, props, now);
    return { ...row, action: actionOf(job, row, props, menu) };
  };
  return (
    <>
      {filter.isOpen && (
        <JobFilter filter={filter} total={manager.jobs.length} trans={trans} />
      )}
      <RowList
        label={trans.__('Jobs')}
        items={filter.jobs}
        idOf={job => job.name}
        nameOf={job => job.displayName || job.name}
        rowOf={rowOf}
        onOpen={run(CommandIDs.openJob)}
        onMenu={menu}
        onDelete={run(CommandIDs.cancelJob)}
        onEnd={() => void manager.loadMoreJobs()}
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

/** What this is for, and the button that makes the first one. */
function NoJobs({ manager, commands, trans }: ISectionProps): JSX.Element {
  const reason = whyNot(manager, trans);
  const mayRun = !reason && commands.isEnabled(CommandIDs.runCellOn);
  return (
    <div className="aml-empty">
      <p className="s">
        {trans.__(
          'Each %1 cell is a job: kept with its log, output and cost, also after a restart.',
          '%%aml'
        )}
      </p>
      <TextButton
        label={trans.__('Run active cell…')}
        disabled={!mayRun}
        title={mayRun ? undefined : reason || trans.__('Open a notebook first')}
        onClick={() => void commands.execute(CommandIDs.runCellOn)}
      />
    </div>
  );
}

function menuOf(name: string, trans: TranslationBundle) {
  const args = { name };
  return [
    { command: CommandIDs.openJob, args },
    { command: CommandIDs.cancelJob, args },
    { command: CommandIDs.archiveJob, args },
    { command: CommandIDs.scheduleJob, args },
    null,
    {
      command: CommandIDs.copyText,
      args: { text: name, label: trans.__('Copy Name') }
    },
    ...twinEntries(streamTwins(name), trans)
  ];
}

/** The one action that is always visible. */
function actionOf(
  job: JobSummary,
  row: IRow,
  { manager, commands, trans }: ISectionProps,
  menu: (name: string, anchor: Element) => void
): IRowAction {
  if (mayCancel(job.status)) {
    return {
      glyph: 'stop',
      label: trans.__('Cancel %1', row.name),
      whyNot: whyNot(manager, trans) || undefined,
      run: () => void commands.execute(CommandIDs.cancelJob, { name: job.name })
    };
  }
  if (row.isFailed) {
    return {
      label: trans.__('Fix…'),
      run: () => void commands.execute(CommandIDs.openJob, { name: job.name })
    };
  }
  return {
    glyph: 'more',
    label: trans.__('Actions for %1', row.name),
    run: anchor => menu(job.name, anchor)
  };
}
