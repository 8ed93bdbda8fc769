import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { doingWords, modelName } from '../endpointwords';
import { instanceState } from '../status';
import { nowOf } from '../trafficmath';
import { bytes } from '../words';
import type { OnlineDeployment, ScoringInstance } from '../wire';
import { StateShape } from './controls';
import type { IKnownEndpointProps } from './endpointview';
import { compact } from './plot';

/** Every scoring process: how it is, whose it is, what it takes. */
export function InstanceTable(props: IKnownEndpointProps): JSX.Element {
  const { model, trans } = props;
  return (
    <div className="aml-scroll">
      <table aria-label={trans.__('Instances')}>
        <thead>
          <tr>
            <th>{trans.__('Health')}</th>
            <th>{trans.__('Instance')}</th>
            <th>{trans.__('Deployment')}</th>
            <th className="r">{trans.__('Req/s')}</th>
            <th className="r">{trans.__('p95')}</th>
            <th className="r">{trans.__('Memory')}</th>
          </tr>
        </thead>
        <tbody>
          {model.deployments.map(deployment => (
            <DeploymentRows
              key={deployment.name}
              {...props}
              deployment={deployment}
            />
          ))}
        </tbody>
      </table>
    </div>
  );
}

function DeploymentRows(
  props: IKnownEndpointProps & { deployment: OnlineDeployment }
): JSX.Element {
  const { deployment, model, trans } = props;
  const traffic = model.traffic.filter(
    one => one.deployment === deployment.name
  );
  const { rate, p95 } = nowOf(traffic);
  const ready = deployment.instances.filter(one => one.state === 'Ready');
  const whose = `${deployment.name}, ${modelName(deployment.model)}`;
  if (!deployment.instances.length) {
    return (
      <tr>
        <td colSpan={6}>
          {deployment.state === 'Succeeded'
            ? trans.__('%1 sleeps; the first request wakes it.', whose)
            : trans.__('%1: %2', whose, doingWords(deployment, trans))}
        </td>
      </tr>
    );
  }
  return (
    <>
      {deployment.instances.map(one => {
        const isReady = one.state === 'Ready';
        return (
          <tr key={one.name}>
            <td>
              <InstanceHealth instance={one} trans={trans} />
            </td>
            <td>{one.name}</td>
            <td>{one.reason ? `${whose}, ${one.reason}` : whose}</td>
            <td className="r">
              {isReady ? compact(rate / ready.length) : '–'}
            </td>
            <td className="r">
              {isReady && p95 !== null
                ? trans.__('%1 ms', compact(p95 * 1000))
                : '–'}
            </td>
            <td className="r">
              {one.memoryBytes ? bytes(one.memoryBytes) : '–'}
            </td>
          </tr>
        );
      })}
    </>
  );
}

function InstanceHealth(props: {
  instance: ScoringInstance;
  trans: TranslationBundle;
}): JSX.Element {
  const state = instanceState(props.instance, props.trans);
  return (
    <span className="state">
      <StateShape shape={state.shape} />
      {state.word}
    </span>
  );
}
