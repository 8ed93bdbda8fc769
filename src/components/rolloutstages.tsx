import * as React from 'react';
import { cancelRollout, setTraffic } from '../endpointactions';
import { ruleWords, stageWords, stagesOf, stepWords } from '../endpointwords';
import { mayAct } from '../mayact';
import type { Shape } from '../status';
import { nowOf } from '../trafficmath';
import type { Rollout } from '../wire';
import { StateShape, TextButton } from './controls';
import type { IKnownEndpointProps } from './endpointview';
import { useNow } from './hooks';

/** The steps of a safe rollout: done, watched now, to come; and the ways out of it. */
export function RolloutStages(
  props: IKnownEndpointProps & { rollout: Rollout }
): JSX.Element {
  const { endpoint, model, manager, trans, rollout } = props;
  const isRunning = rollout.state === 'Running';
  const now = useNow(isRunning);
  const own = model.traffic.filter(
    one => one.deployment === rollout.deployment
  );
  const before = Object.keys(rollout.before).join(', ');
  const stages = stagesOf(rollout);
  return (
    <>
      <ol
        className="aml-stages"
        style={{
          gridTemplateColumns: `repeat(${stages.length}, 1fr)`
        }}
      >
        {stages.map(index => (
          <li
            key={index}
            className={classOf(rollout, index)}
            aria-current={
              isRunning && index === rollout.step ? 'step' : undefined
            }
          >
            <span className="bar">
              <i style={{ width: `${partOf(rollout, index, now) * 100}%` }} />
            </span>
            <span className="fx4">
              <StateShape shape={shapeOf(rollout, index)} />
              {stageWords(rollout, index, trans)}
            </span>
            <span className="s num">
              {stepWords(rollout, index, now, trans)}
            </span>
          </li>
        ))}
      </ol>
      <div className="fx aml-wrap">
        <span className="s">
          {rollout.reason || ruleWords(rollout, nowOf(own), trans)}
        </span>
        {isRunning && (
          <span className="fx aml-wrap">
            <TextButton
              size="sm"
              label={trans.__('All to %1 now', rollout.deployment)}
              disabled={!mayAct(manager)}
              onClick={() =>
                void setTraffic(manager, endpoint.name, {
                  [rollout.deployment]: 100
                })
              }
            />
            <TextButton
              size="sm"
              glyph="undo"
              label={trans.__('Back to %1', before)}
              disabled={!mayAct(manager)}
              onClick={() => void cancelRollout(manager, endpoint.name)}
            />
          </span>
        )}
      </div>
    </>
  );
}

/** How much of a step is over, 0 to 1. */
function partOf(rollout: Rollout, index: number, now: number): number {
  if (index < rollout.step || rollout.state === 'Succeeded') {
    return 1;
  }
  if (index > rollout.step || rollout.state !== 'Running') {
    return 0;
  }
  const seconds = (now - Date.parse(rollout.stepStartedAt)) / 1000;
  return Math.min(1, seconds / rollout.secondsPerStep);
}

function classOf(rollout: Rollout, index: number): string {
  if (rollout.state === 'RolledBack' && index === rollout.step) {
    return 'bad';
  }
  return shapeOf(rollout, index) === 'done' ? 'done' : '';
}

function shapeOf(rollout: Rollout, index: number): Shape {
  if (index < rollout.step || rollout.state === 'Succeeded') {
    return 'done';
  }
  if (index > rollout.step) {
    return 'idle';
  }
  switch (rollout.state) {
    case 'RolledBack':
      return 'failed';
    case 'Canceled':
      return 'stopped';
    default:
      return 'running';
  }
}
