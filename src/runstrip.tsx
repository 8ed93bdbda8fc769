import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import {
  GlyphIcon,
  IconButton,
  LinkButton,
  StateShape,
  TextButton
} from './components/controls';
import { useNow, useSignal } from './components/hooks';
import { mayAct, whyNot } from './mayact';
import type { RunMark } from './runmark';
import { priceOf, priceWords, progressWords } from './runwords';
import { isFinal, jobState, mayCancel, reasonOf, staleState } from './status';
import { CommandIDs, IAmlManager } from './tokens';
import type { JobSummary } from './wire';
import * as words from './words';

export interface IRunStripOptions {
  mark: RunMark;
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
  onClose(): void;
}

/** How a cell's run stands, between its source and its output. Not saved in the notebook. */
export class RunStrip extends ReactWidget {
  constructor(options: IRunStripOptions) {
    super();
    this._options = options;
    this.addClass('aml-strip-holder');
  }

  render(): JSX.Element {
    return <Strip {...this._options} />;
  }

  private _options: IRunStripOptions;
}

export function Strip(props: IRunStripOptions): JSX.Element | null {
  const { mark, manager, trans } = props;
  useSignal(manager.changed);
  useSignal(mark.changed);
  const job = mark.row;
  const isActive = job !== null && !isFinal(job.status);
  const now = useNow(isActive);
  if (!job) {
    return null;
  }
  const percent = Math.round((job.progress ?? 0) * 100);
  return (
    <>
      <div className="aml aml-run">
        <div className="h">
          <Head {...props} job={job} now={now} />
          <span className="grow" />
          <Figures {...props} job={job} now={now} />
          {!isActive && <Waiting mark={mark} trans={trans} />}
          <Actions {...props} job={job} />
        </div>
        {isActive && job.progress !== null && (
          <progress
            max={100}
            value={percent}
            aria-label={trans.__('Progress')}
          />
        )}
      </div>
      <WhileAway mark={mark} isActive={isActive} trans={trans} />
    </>
  );
}

interface IPart extends IRunStripOptions {
  job: JobSummary;
  now: number;
}

function secondsOf(job: JobSummary, now: number): number {
  return words.secondsBetween(
    job.startedAt ?? job.createdAt,
    job.endedAt ?? now
  );
}

function Head(props: IPart): JSX.Element {
  const { mark, manager, trans, job, now } = props;
  const isActive = !isFinal(job.status);
  const isStale = isActive && manager.link.kind !== 'online';
  const own = jobState(job, trans);
  const state = isStale ? staleState(trans) : own;
  const detail = isStale
    ? trans.__(
        'was %1 %2',
        own.word,
        words.ago((now - manager.heardAt) / 1000, trans)
      )
    : isActive
      ? progressWords(job, secondsOf(job, now), trans)
      : job.error?.message || reasonOf(job);
  return (
    <>
      <StateShape shape={state.shape} />
      <span>
        <b>{state.word}</b> {placeWords(job, mark.hadEnded, trans)}
      </span>
      {mark.isReattached && isActive && (
        <span className="chip">
          <GlyphIcon glyph="undo" size={12} />
          {trans.__('Reattached, nothing missed')}
        </span>
      )}
      <span className="s ell">{detail}</span>
    </>
  );
}

function placeWords(
  job: JobSummary,
  wasAway: boolean,
  trans: TranslationBundle
): string {
  if (wasAway) {
    return trans.__('on %1 while you were away', job.compute);
  }
  return job.instanceCount > 1
    ? trans._n(
        'on %2, %1 node',
        'on %2, %1 nodes',
        job.instanceCount,
        job.compute
      )
    : trans.__('on %1', job.compute);
}

/** How long, how much, and in the end how large. */
function Figures(props: IPart): JSX.Element {
  const { mark, manager, trans, job, now } = props;
  const isActive = !isFinal(job.status);
  const seconds = secondsOf(job, now);
  const compute = manager.computes.find(one => one.spec.name === job.compute);
  const price = priceOf(job, compute, seconds);
  const receipt = mark.whole?.receipt;
  const isRehearsal = manager.workspace?.kind !== 'azure';
  return (
    <>
      <span className="num">
        {isActive ? words.elapsed(seconds) : words.duration(seconds, trans)}
      </span>
      {price !== null && (
        <span className="num">
          {priceWords(price, isActive, isRehearsal, trans)}
        </span>
      )}
      {receipt?.peakMemoryBytes ? (
        <span className="num s">
          {trans.__('peak %1', words.bytes(receipt.peakMemoryBytes))}
        </span>
      ) : null}
    </>
  );
}

/** Variables of a run that ended while the kernel did not listen. */
function Waiting(props: {
  mark: RunMark;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { mark, trans } = props;
  const sizes = mark.whole?.result?.names ?? {};
  const names = Object.keys(sizes);
  if (mark.variables === 'here' || !names.length) {
    return null;
  }
  if (mark.variables === 'fetched') {
    return (
      <span className="s" role="status">
        {trans.__('%1 fetched', names.join(', '))}
      </span>
    );
  }
  const shown = names
    .slice(0, 3)
    .map(name =>
      (sizes[name] ?? 0) >= 1e6
        ? trans.__('%1 (%2)', name, words.bytes(sizes[name] ?? 0))
        : name
    )
    .join(', ');
  const isFetching = mark.variables === 'fetching';
  return (
    <>
      <span className="s" role="status">
        {mark.problem ||
          trans._n(
            '%1 variable waits for you',
            '%1 variables wait for you',
            names.length
          )}
      </span>
      <TextButton
        glyph="download"
        size="sm"
        disabled={isFetching}
        title={names.join(', ')}
        label={
          isFetching
            ? trans.__('Fetching, after what the kernel does now')
            : names.length > 3
              ? trans.__('Fetch %1, …', shown)
              : trans.__('Fetch %1', shown)
        }
        onClick={() => void mark.fetch()}
      />
    </>
  );
}

function Actions(props: IRunStripOptions & { job: JobSummary }): JSX.Element {
  const { manager, commands, trans, job } = props;
  const run = (id: string) => void commands.execute(id, { name: job.name });
  return (
    <>
      <LinkButton
        label={trans.__('Open job')}
        onClick={() => run(CommandIDs.openJob)}
      />
      {mayCancel(job.status) && (
        <TextButton
          glyph="stop"
          size="sm"
          label={trans.__('Cancel')}
          disabled={!mayAct(manager)}
          title={whyNot(manager, trans) || undefined}
          onClick={() => run(CommandIDs.cancelJob)}
        />
      )}
      {isFinal(job.status) && (
        <IconButton
          glyph="close"
          label={trans.__('Dismiss')}
          onClick={props.onClose}
        />
      )}
    </>
  );
}

function WhileAway(props: {
  mark: RunMark;
  isActive: boolean;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { mark, isActive, trans } = props;
  const { filled } = mark;
  if (!filled || !(filled.lines || filled.plots)) {
    return null;
  }
  const lines = trans._n('%1 line', '%1 lines', filled.lines);
  const plots = trans._n('%1 plot', '%1 plots', filled.plots);
  const filledWords =
    filled.lines && filled.plots
      ? trans.__('%1 and %2', lines, plots)
      : filled.lines
        ? lines
        : plots;
  return (
    <div className="aml aml-msg good aml-away" role="status">
      <StateShape shape="done" />
      <span>
        {isActive
          ? trans.__(
              'While you were away the job went on. Filled in: %1.',
              filledWords
            )
          : trans.__(
              'While you were away the job ended. Filled in: %1.',
              filledWords
            )}
      </span>
      <span className="grow" />
      <LinkButton
        label={trans.__('Show what is new')}
        onClick={() => mark.showNew()}
      />
      <IconButton
        glyph="close"
        label={trans.__('Dismiss this message')}
        onClick={() => mark.setFilled(null)}
      />
    </div>
  );
}
