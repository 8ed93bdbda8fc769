/** A job as a row: its state, why it is so, and the one number that matters. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { TextButton } from '../components/controls';
import { Facts } from '../components/facts';
import { JobParts } from '../components/jobparts';
import { ErrorMessage, Message } from '../components/message';
import type { IRow } from '../components/rows';
import { WaitStages } from '../components/waitstages';
import { partsOfType } from '../parts';
import { progressWords } from '../runwords';
import { isFinal, jobState, reasonOf, staleState } from '../status';
import { CommandIDs, ISectionProps } from '../tokens';
import { usually, waitDetail } from '../waitwords';
import type { JobSummary, Wait } from '../wire';
import * as words from '../words';

/** A job as a row. Its action is the list's matter. */
export function jobRow(
  job: JobSummary,
  wait: Wait | null,
  props: ISectionProps,
  now: number
): IRow {
  const { manager, trans } = props;
  const problem = manager.problemOf(`job/${job.name}`);
  const isActive = !isFinal(job.status);
  const state = jobState(job, trans);
  const isStale =
    isActive && manager.link.kind !== 'online' && manager.heardAt > 0;
  const row: IRow = {
    id: job.name,
    name: job.displayName || job.name,
    tag: tagOf(job, trans),
    state: wait?.slower ? { ...state, shape: 'warn' } : state,
    value: jobNumber(job, trans, now),
    detail: problem?.message ?? jobDetail(job, wait, trans, now),
    progress: isActive ? job.progress : null,
    isFailed: job.status === 'Failed',
    details: () => <JobDetails {...props} job={job} wait={wait} />
  };
  if (isStale) {
    const ago = words.ago((now - manager.heardAt) / 1000, trans);
    const reason = job.doing || reasonOf(job);
    return {
      ...row,
      state: staleState(trans),
      value: undefined,
      progress: null,
      detail: reason
        ? trans.__('was %1, %2', state.word, reason)
        : trans.__('was %1 %2', state.word, ago)
    };
  }
  if (manager.askedOf(`job/${job.name}`) === 'cancel') {
    row.state = { shape: 'preparing', word: trans.__('Canceling') };
  }
  return row;
}

/** What is made of other jobs says so. */
function tagOf(job: JobSummary, trans: TranslationBundle): string | undefined {
  const kinds = { trials: trans.__('sweep'), steps: trans.__('pipeline') };
  const kind = partsOfType(job.type);
  return kind ? kinds[kind] : undefined;
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
  return job.listPrice ? words.money(job.listPrice) : took(job, trans);
}

function took(job: JobSummary, trans: TranslationBundle): string {
  return job.startedAt && job.endedAt
    ? words.duration(words.secondsBetween(job.startedAt, job.endedAt), trans)
    : '';
}

function jobDetail(
  job: JobSummary,
  wait: Wait | null,
  trans: TranslationBundle,
  now: number
): string {
  if (job.status === 'Failed') {
    return job.cause || job.error?.message || job.statusReason;
  }
  if (!isFinal(job.status)) {
    if (wait?.waiting) {
      return wait.slower
        ? trans.__('slower than usual, %1', usually(wait, trans))
        : waitDetail(wait, trans) || reasonOf(job);
    }
    const seconds = words.secondsBetween(job.startedAt ?? job.createdAt, now);
    return progressWords(job, seconds, trans) || trans.__('on %1', job.compute);
  }
  const age = job.endedAt
    ? words.ago(words.secondsBetween(job.endedAt, now), trans)
    : '';
  const time = job.listPrice ? took(job, trans) : '';
  return time
    ? trans.__('%1, %2', time, age)
    : trans.__('on %1, %2', job.compute, age);
}

function JobDetails(
  props: ISectionProps & { job: JobSummary; wait: Wait | null }
): JSX.Element {
  const { job, wait, manager, trans } = props;
  const key = `job/${job.name}`;
  const problem = manager.problemOf(key);
  return (
    <>
      {problem && (
        <ErrorMessage
          error={problem}
          trans={trans}
          onDismiss={() => manager.dismissProblem(key)}
        />
      )}
      {job.error && <ErrorMessage error={job.error} trans={trans} />}
      {wait?.slower && <Slower {...props} wait={wait} />}
      {partsOfType(job.type) && <JobParts {...props} />}
      {wait && <WaitStages wait={wait} trans={trans} />}
      <Facts
        facts={[
          [trans.__('Name'), job.name],
          [trans.__('Compute'), job.compute],
          [trans.__('Nodes'), job.instanceCount > 1 ? job.instanceCount : ''],
          [trans.__('Experiment'), job.experimentName],
          [trans.__('Notebook'), job.notebook.replace(/^.*\//, '')],
          [trans.__('Session'), job.session],
          [trans.__('Submitted'), words.moment(job.createdAt)],
          [trans.__('Attempt'), job.attempt > 1 ? job.attempt : '']
        ]}
      />
    </>
  );
}

/** A wait past its usual time: the likely reason, and the way out. */
function Slower(
  props: ISectionProps & { job: JobSummary; wait: Wait }
): JSX.Element {
  const { job, wait, commands, trans } = props;
  const other = wait.alternative;
  const usual = usually(wait, trans);
  return (
    <Message
      kind="warn"
      title={trans.__('Slower than 95 % of your starts')}
      text={[usual, wait.likely].filter(Boolean).join('. ')}
    >
      <div className="acts">
        {other && commands.hasCommand(CommandIDs.applyFix) && (
          <TextButton
            size="md"
            label={other.label}
            onClick={() =>
              void commands.execute(CommandIDs.applyFix, {
                kind: other.kind,
                value: other.value,
                label: other.label,
                job: job.name
              })
            }
          />
        )}
        <TextButton
          size="md"
          glyph="stop"
          label={trans.__('Cancel')}
          onClick={() =>
            void commands.execute(CommandIDs.cancelJob, { name: job.name })
          }
        />
      </div>
    </Message>
  );
}
