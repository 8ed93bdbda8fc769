import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';
import { StateShape } from './components/controls';
import { useNow, useSignal } from './components/hooks';
import type { RunMark } from './runmark';
import { progressWords } from './runwords';
import { isFinal, jobState } from './status';
import type { IAmlManager } from './tokens';
import * as words from './words';

export interface IGutterOptions {
  mark: RunMark;
  manager: IAmlManager;
  trans: TranslationBundle;
}

/** A run's progress under the prompt of its cell: in sight also when the outputs are long. */
export class Gutter extends ReactWidget {
  constructor(options: IGutterOptions) {
    super();
    this._options = options;
    this.addClass('aml-gutter');
  }

  render(): JSX.Element {
    return <GutterMark {...this._options} />;
  }

  private _options: IGutterOptions;
}

export function GutterMark(props: IGutterOptions): JSX.Element | null {
  const { mark, manager, trans } = props;
  useSignal(manager.changed);
  useSignal(mark.changed);
  const job = mark.row;
  const isActive = job !== null && !isFinal(job.status);
  const now = useNow(isActive);
  if (!isActive) {
    return null;
  }
  const seconds = words.secondsBetween(job.startedAt ?? job.createdAt, now);
  const percent = job.progress === null ? null : Math.round(job.progress * 100);
  const { word, shape } = jobState(job, trans);
  const detail = progressWords(job, seconds, trans);
  const title = detail
    ? trans.__('%1 on %2: %3', word, job.compute, detail)
    : trans.__('%1 on %2', word, job.compute);
  return (
    <div className="aml aml-gutter-mark" title={title}>
      <span className="fx4">
        <StateShape shape={shape} size={12} />
        <span className="num">
          {percent === null
            ? words.elapsed(seconds)
            : trans.__('%1 %', percent)}
        </span>
      </span>
      {percent !== null && (
        <progress
          max={100}
          value={percent}
          aria-label={trans.__('%1 percent', percent)}
        />
      )}
    </div>
  );
}
