import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Shape } from '../status';
import { stageTimes, stageWord } from '../waitwords';
import type { Wait, WaitStage } from '../wire';
import { StateShape } from './controls';

const SHAPES: Record<WaitStage['state'], Shape> = {
  done: 'done',
  current: 'preparing',
  ahead: 'idle',
  failed: 'failed'
};

/** A start stage by stage, one a line: how long it took, and how long it usually does. */
export function WaitStages(props: {
  wait: Wait;
  trans: TranslationBundle;
}): JSX.Element {
  const { wait, trans } = props;
  return (
    <ol className="aml-waits" aria-label={trans.__('Stages')}>
      {wait.stages.map(stage => (
        <li
          key={stage.name}
          aria-current={stage.state === 'current' ? 'step' : undefined}
        >
          <StateShape
            shape={stage.slower ? 'warn' : SHAPES[stage.state]}
            size={12}
          />
          <span>{stageWord(stage.name, trans)}</span>
          <span className="s num">{stageTimes(stage, trans)}</span>
          {stage.reason && <span className="s full">{stage.reason}</span>}
        </li>
      ))}
    </ol>
  );
}
