import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { IStage, stageTimes } from '../jobmodel';
import { isFinal, jobState } from '../status';
import { StateShape } from './controls';

const ORDER = ['Queued', 'Preparing', 'Running', 'Finalizing'];

/** What the job went through and what is ahead, each with the time it took. */
export function Stages(props: {
  stages: readonly IStage[];
  trans: TranslationBundle;
  now: number;
}): JSX.Element | null {
  const { stages, trans, now } = props;
  const last = stages[stages.length - 1];
  if (!last) {
    return null;
  }
  const hasEnded = isFinal(last.status);
  const end = hasEnded ? new Date(last.since).getTime() : now;
  // A job that was queued again is shown from there on.
  const begin = stages.map(stage => stage.status).lastIndexOf('Queued');
  const shown = stages.slice(Math.max(0, begin));
  const times = stageTimes(shown, end);
  const ahead = hasEnded
    ? []
    : ORDER.slice(ORDER.indexOf(last.status) + 1 || ORDER.length);
  const steps = shown.filter(stage => !isFinal(stage.status));
  return (
    <ol className="aml-stages">
      {steps.map((stage, index) => {
        const isCurrent = !hasEnded && index === steps.length - 1;
        const isBad = last.status === 'Failed' && index === steps.length - 1;
        const word = jobState(
          { status: stage.status, statusReason: '', attempt: 0 },
          trans
        );
        return (
          <li
            key={index}
            className={isBad ? 'bad' : isCurrent ? 'now' : 'done'}
            aria-current={isCurrent ? 'step' : undefined}
          >
            <span className="bar">
              <i />
            </span>
            <span className="fx4">
              <StateShape
                shape={isBad ? 'failed' : isCurrent ? word.shape : 'done'}
              />
              {word.word}
            </span>
            <span className="s num">{times[index]}</span>
          </li>
        );
      })}
      {ahead.map(status => (
        <li key={status} className="next">
          <span className="bar" />
          <span className="fx4">
            <StateShape shape="idle" />
            {jobState({ status, statusReason: '', attempt: 0 }, trans).word}
          </span>
          <span className="s">{trans.__('not yet')}</span>
        </li>
      ))}
    </ol>
  );
}
