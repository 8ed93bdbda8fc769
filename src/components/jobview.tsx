/** One job in the main area: how it stands, why, what it took, and its log. */
import type { CommandRegistry } from '@lumino/commands';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { JobModel } from '../jobmodel';
import { isFinal, jobState, mayCancel, reasonOf } from '../status';
import { CommandIDs, IAmlManager } from '../tokens';
import type { Job } from '../wire';
import * as words from '../words';
import { StateShape, TextButton } from './controls';
import { Facts } from './facts';
import { useNow, useSignal } from './hooks';
import { LogView } from './logview';
import { ErrorMessage, Message } from './message';
import { Stages } from './stages';

export interface IJobViewProps {
  model: JobModel;
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

export function JobView(props: IJobViewProps): JSX.Element {
  const { model, manager, commands, trans } = props;
  useSignal(model.changed);
  const { job } = model;
  const now = useNow(job !== null && !isFinal(job.status));
  if (!job) {
    return (
      <div className="aml aml-view">
        <div className="hd">
          <h2>{model.name}</h2>
        </div>
        <div className="aml-note">
          {model.error ? (
            <ErrorMessage error={model.error} trans={trans} />
          ) : (
            <p className="s">{trans.__('Reading the job')}</p>
          )}
        </div>
      </div>
    );
  }
  const problem = manager.problemOf(`job/${job.name}`);
  const cancel = () =>
    void commands.execute(CommandIDs.cancelJob, { name: job.name });
  return (
    <div className="aml aml-view">
      <Header {...{ job, trans, now }}>
        {mayCancel(job.status) && (
          <TextButton
            glyph="stop"
            label={trans.__('Cancel')}
            disabled={manager.link.kind !== 'online'}
            onClick={cancel}
          />
        )}
      </Header>
      <Stages stages={model.stages} trans={trans} now={now} />
      <div className="aml-note">
        {problem && <ErrorMessage error={problem} trans={trans} />}
        {job.error && <ErrorMessage error={job.error} trans={trans} />}
        {job.warnings.map(warning => (
          <Message key={warning} kind="warn" title={warning} />
        ))}
      </div>
      <div className="aml-columns">
        <LogView
          lines={model.log.lines}
          dropped={model.log.dropped}
          isLive={!model.hasEnded}
          trans={trans}
        />
        <div className="aml-side">
          <ReceiptCard {...{ job, trans, now }} />
          <OriginCard job={job} trans={trans} />
        </div>
      </div>
    </div>
  );
}

function Header(props: {
  job: Job;
  trans: TranslationBundle;
  now: number;
  children: React.ReactNode;
}): JSX.Element {
  const { job, trans, now } = props;
  const state = jobState(job, trans);
  const since = job.startedAt ?? job.createdAt;
  const running = !isFinal(job.status);
  const percent =
    job.progress === null || !running
      ? ''
      : trans.__('%1 %', Math.round(job.progress * 100));
  const line = running
    ? [words.elapsed(words.secondsBetween(since, now)), percent, reasonOf(job)]
    : [endWords(job, trans), job.error ? '' : reasonOf(job)];
  return (
    <div className="hd">
      <StateShape shape={state.shape} size={16} />
      <h2 className="ell">{job.spec.displayName || job.name}</h2>
      <span>{state.word}</span>
      <span className="s num ell">{line.filter(Boolean).join(', ')}</span>
      <span className="grow" />
      {props.children}
    </div>
  );
}

/** When it ended, after how long and where. */
function endWords(job: Job, trans: TranslationBundle): string {
  if (!job.endedAt) {
    return '';
  }
  const seconds = words.secondsBetween(
    job.startedAt ?? job.createdAt,
    job.endedAt
  );
  return trans.__(
    'at %1, after %2 on %3',
    words.clock(job.endedAt),
    words.duration(seconds, trans),
    job.spec.compute
  );
}

/** What it took, and what that time lists at. */
function ReceiptCard(props: {
  job: Job;
  trans: TranslationBundle;
  now: number;
}): JSX.Element {
  const { job, trans, now } = props;
  const { receipt, startedAt } = job;
  const seconds = startedAt
    ? words.secondsBetween(startedAt, job.endedAt ?? now)
    : 0;
  const price = receipt?.listPrice ?? null;
  return (
    <div className="aml-card">
      <h3>{isFinal(job.status) ? trans.__('Receipt') : trans.__('So far')}</h3>
      <Facts
        facts={[
          [trans.__('Compute'), job.spec.compute ?? ''],
          [trans.__('Size'), words.sizeName(receipt?.size ?? '')],
          [trans.__('Nodes'), receipt?.nodes ?? job.spec.instanceCount ?? 1],
          [trans.__('Ran'), startedAt ? words.duration(seconds, trans) : ''],
          [
            trans.__('Waited'),
            receipt?.queuedSeconds
              ? words.duration(receipt.queuedSeconds, trans)
              : ''
          ],
          [
            trans.__('Peak memory'),
            receipt?.peakMemoryBytes ? words.bytes(receipt.peakMemoryBytes) : ''
          ],
          [trans.__('Exit code'), job.exitCode ?? ''],
          [
            price === null ? trans.__('Cost') : trans.__('Would be, in Azure'),
            receipt
              ? price === null
                ? trans.__('free')
                : words.money(price)
              : ''
          ]
        ]}
      />
    </div>
  );
}

function OriginCard(props: {
  job: Job;
  trans: TranslationBundle;
}): JSX.Element {
  const { job, trans } = props;
  const { spec } = job;
  const notebook = spec.type === 'cell' ? (spec.notebook ?? '') : '';
  const command = spec.type === 'command' ? spec.command : '';
  return (
    <div className="aml-card">
      <h3>{trans.__('Started by')}</h3>
      <Facts
        facts={[
          [trans.__('Name'), job.name],
          [trans.__('Notebook'), notebook.replace(/^.*\//, '')],
          [trans.__('Command'), command && <code>{command}</code>],
          [trans.__('Experiment'), spec.experimentName ?? ''],
          [trans.__('Attempt'), job.attempt > 1 ? job.attempt : '']
        ]}
      />
    </div>
  );
}
