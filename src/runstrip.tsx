import type { CodeCell } from '@jupyterlab/cells';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import { PanelLayout } from '@lumino/widgets';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import {
  GlyphIcon,
  IconButton,
  LinkButton,
  StateShape,
  TextButton
} from './components/controls';
import { useNow, useSignal } from './components/hooks';
import { isFinal, jobState, mayCancel, reasonOf, staleState } from './status';
import { CommandIDs, IAmlManager } from './tokens';
import * as words from './words';

export interface IRunStripOptions {
  job: string;
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
  /** The outputs below were filled in from the service. */
  isReattached: boolean;
  onClose(): void;
}

const MARK = 'aml-has-strip';

/** How a cell's run stands, between its source and its output. Not saved in the notebook. */
export class RunStrip extends ReactWidget {
  constructor(options: IRunStripOptions) {
    super();
    this._options = options;
    this.addClass('aml-strip-holder');
  }

  get job(): string {
    return this._options.job;
  }

  insertInto(cell: CodeCell): void {
    const wrapper = cell.outputArea.parent;
    if (this.isDisposed || !wrapper || !(cell.layout instanceof PanelLayout)) {
      return;
    }
    const index = cell.layout.widgets.indexOf(wrapper);
    if (index >= 0) {
      cell.layout.insertWidget(index, this);
      // The kernel's own strip, an output like others, says the same.
      cell.addClass(MARK);
      this.disposed.connect(() => cell.removeClass(MARK));
    }
  }

  render(): JSX.Element {
    return <Strip {...this._options} />;
  }

  private _options: IRunStripOptions;
}

function Strip(props: IRunStripOptions): JSX.Element | null {
  const { manager, commands, trans, isReattached } = props;
  useSignal(manager.changed);
  const job = manager.jobs.find(one => one.name === props.job);
  const isActive = job !== undefined && !isFinal(job.status);
  const now = useNow(isActive);
  if (!job) {
    return null;
  }
  const isOnline = manager.link.kind === 'online';
  const isStale = isActive && !isOnline;
  const state = isStale ? staleState(trans) : jobState(job, trans);
  const start = job.startedAt ?? job.createdAt;
  const seconds = words.secondsBetween(start, job.endedAt ?? now);
  const percent = Math.round((job.progress ?? 0) * 100);
  const detail = isStale
    ? trans.__(
        'was %1 %2',
        jobState(job, trans).word,
        words.ago((now - manager.heardAt) / 1000, trans)
      )
    : job.progress !== null && isActive
      ? trans.__('%1 %', percent)
      : job.error?.message || reasonOf(job);
  return (
    <div className="aml aml-run">
      <div className="h">
        <StateShape shape={state.shape} />
        <span>
          <b>{state.word}</b> {trans.__('on %1', job.compute)}
        </span>
        {isReattached && (
          <span className="chip">
            <GlyphIcon glyph="undo" size={12} />
            {trans.__('Reattached, nothing missed')}
          </span>
        )}
        <span className="s ell">{detail}</span>
        <span className="grow" />
        <span className="num">
          {isActive ? words.elapsed(seconds) : words.duration(seconds, trans)}
        </span>
        {job.listPrice ? (
          <span className="num s">{words.money(job.listPrice)}</span>
        ) : null}
        <LinkButton
          label={trans.__('Open job')}
          onClick={() =>
            void commands.execute(CommandIDs.openJob, { name: job.name })
          }
        />
        {mayCancel(job.status) && (
          <TextButton
            glyph="stop"
            size="sm"
            label={trans.__('Cancel')}
            disabled={!isOnline}
            onClick={() =>
              void commands.execute(CommandIDs.cancelJob, { name: job.name })
            }
          />
        )}
        {!isActive && (
          <IconButton
            glyph="close"
            label={trans.__('Dismiss')}
            onClick={props.onClose}
          />
        )}
      </div>
      {isActive && job.progress !== null && (
        <progress max={100} value={percent} aria-label={trans.__('Progress')} />
      )}
    </div>
  );
}
