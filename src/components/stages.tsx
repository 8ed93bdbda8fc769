import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { IStage, stageName, stageShares, stageTime } from '../stagelist';
import type { Shape } from '../status';
import { StateShape } from './controls';

const SHAPES: Record<IStage['state'], Shape> = {
  done: 'done',
  current: 'preparing',
  ahead: 'idle',
  failed: 'failed'
};

const CLASSES: Record<IStage['state'], string> = {
  done: 'done',
  current: 'now',
  ahead: 'next',
  failed: 'bad'
};

/** What the job went through and what is ahead, each with the time it took or usually takes. */
export function Stages(props: {
  stages: readonly IStage[];
  /** Part of the current stage that is done, 0 to 1, where that is known. */
  progress: number | null;
  hasEnded: boolean;
  trans: TranslationBundle;
}): JSX.Element {
  const { stages, trans, hasEnded } = props;
  const columns = stageShares(stages)
    .map(share => `minmax(var(--aml-stage), ${share.toFixed(2)}fr)`)
    .join(' ');
  return (
    <ol
      className="aml-stages"
      style={{ gridTemplateColumns: columns }}
      aria-label={trans.__('Stages')}
    >
      {stages.map(stage => {
        const isCurrent = stage.state === 'current';
        const time = stageTime(stage, hasEnded, trans, props.progress);
        return (
          <li
            key={stage.name}
            className={CLASSES[stage.state]}
            aria-current={isCurrent ? 'step' : undefined}
            title={stage.reason || undefined}
          >
            <span className="bar">
              <i style={{ width: `${widthOf(stage, props.progress)}%` }} />
            </span>
            <span className="fx4">
              <StateShape shape={shapeOf(stage)} />
              <span className="ell">{stageName(stage.name, trans)}</span>
            </span>
            <span className="s num ell" title={time}>
              {time}
            </span>
          </li>
        );
      })}
    </ol>
  );
}

function shapeOf(stage: IStage): Shape {
  if (stage.state === 'current' && stage.isSlower) {
    return 'warn';
  }
  return stage.state === 'current' && stage.name === 'running'
    ? 'running'
    : SHAPES[stage.state];
}

/** Part of the bar that is filled, in percent: by progress, else by the usual time. */
function widthOf(stage: IStage, progress: number | null): number {
  if (stage.state === 'done' || stage.state === 'failed') {
    return 100;
  }
  if (stage.state === 'ahead') {
    return 0;
  }
  if (stage.name === 'running' && progress !== null) {
    return 100 * progress;
  }
  return stage.usualHigh
    ? Math.min(95, (100 * (stage.seconds ?? 0)) / stage.usualHigh)
    : 50;
}
