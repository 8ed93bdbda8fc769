import * as React from 'react';
import { setTraffic, startRollout } from '../endpointactions';
import { modelName, stagesOf } from '../endpointwords';
import { mayAct, whyNot } from '../mayact';
import { split } from '../trafficmath';
import type { OnlineDeployment } from '../wire';
import { TextButton } from './controls';
import type { IKnownEndpointProps } from './endpointview';
import { RolloutStages } from './rolloutstages';

/** How requests are shared among the deployments, and the way from one to the next. */
export function TrafficCard(props: IKnownEndpointProps): JSX.Element {
  const { endpoint, model, trans } = props;
  const { deployments } = model;
  const rollout = endpoint.rollout;
  const isRolling = rollout?.state === 'Running';
  return (
    <div className="aml-card aml-traffic">
      <h3>
        {trans.__('Traffic')}
        <span className="grow" />
        {isRolling && (
          <span className="chip">
            {trans.__(
              'Safe rollout, step %1 of %2',
              stagesOf(rollout).indexOf(rollout.step) + 1,
              stagesOf(rollout).length
            )}
          </span>
        )}
      </h3>
      {deployments.length === 0 ? (
        <p className="s">
          {trans.__('Nothing is deployed behind this address yet.')}
        </p>
      ) : (
        <Shares {...props} isRolling={isRolling} />
      )}
      {rollout && <RolloutStages {...props} rollout={rollout} />}
    </div>
  );
}

/** A number for each deployment, and for two of them a slider; applied when it is let go. */
function Shares(
  props: IKnownEndpointProps & { isRolling: boolean }
): JSX.Element {
  const { endpoint, model, manager, trans, isRolling } = props;
  const { deployments } = model;
  const now = Object.fromEntries(
    deployments.map(({ name }) => [name, endpoint.traffic[name] ?? 0])
  );
  const [wish, setWish] = React.useState<Record<string, number> | null>(null);
  const shown = wish ?? now;
  const reason = isRolling
    ? trans.__('The rollout moves the traffic')
    : whyNot(manager, trans);
  const set = (name: string, percent: number) =>
    setWish(split(shown, name, percent));
  const apply = async () => {
    if (wish) {
      await setTraffic(manager, endpoint.name, wish);
      setWish(null);
    }
  };
  const idle = deployments.filter(
    ({ name, state }) => now[name] === 0 && state === 'Succeeded'
  );
  const [first, second] = deployments;
  return (
    <>
      <div className="aml-shares">
        {deployments.map(deployment => (
          <Share
            key={deployment.name}
            deployment={deployment}
            percent={shown[deployment.name] ?? 0}
            reason={reason}
            label={trans.__('%1, percent', deployment.name)}
            onChange={percent => set(deployment.name, percent)}
          />
        ))}
        {first && second && deployments.length === 2 && (
          <input
            type="range"
            min={0}
            max={100}
            value={shown[first.name] ?? 0}
            disabled={Boolean(reason)}
            title={reason || undefined}
            aria-label={trans.__('Traffic to %1, percent', first.name)}
            aria-valuetext={trans.__(
              '%1 %2 percent, %3 %4 percent',
              first.name,
              shown[first.name] ?? 0,
              second.name,
              shown[second.name] ?? 0
            )}
            onChange={event => set(first.name, Number(event.target.value))}
            onPointerUp={() => void apply()}
            onKeyUp={event => {
              if (event.key !== 'Tab') {
                void apply();
              }
            }}
          />
        )}
      </div>
      <div className="fx">
        {wish && (
          <TextButton
            size="sm"
            kind="accept"
            label={trans.__('Share traffic like this')}
            onClick={() => void apply()}
          />
        )}
        {wish && (
          <TextButton
            size="sm"
            label={trans.__('Leave it')}
            onClick={() => setWish(null)}
          />
        )}
        {!wish &&
          !isRolling &&
          idle.map(({ name }) => (
            <TextButton
              key={name}
              size="sm"
              label={trans.__('Roll out %1 safely', name)}
              disabled={!mayAct(manager)}
              title={reason || undefined}
              onClick={() =>
                void startRollout(manager, endpoint.name, name, {})
              }
            />
          ))}
      </div>
    </>
  );
}

function Share(props: {
  deployment: OnlineDeployment;
  percent: number;
  reason: string;
  label: string;
  onChange(percent: number): void;
}): JSX.Element {
  const { deployment, percent, reason, label, onChange } = props;
  return (
    <span className="share">
      <span className="fx4">
        <b>{deployment.name}</b>
        <input
          type="number"
          min={0}
          max={100}
          value={percent}
          disabled={Boolean(reason)}
          title={reason || undefined}
          aria-label={label}
          onChange={event => onChange(Number(event.target.value))}
        />
        %
      </span>
      <span className="s ell">{modelName(deployment.model)}</span>
    </span>
  );
}
