import * as React from 'react';
import { Facts } from '../components/facts';
import { ErrorMessage } from '../components/message';
import type { IRow } from '../components/rows';
import { shares } from '../endpointactions';
import {
  countInstances,
  doingWords,
  ratePerHour,
  trafficWords
} from '../endpointwords';
import { whyNot } from '../mayact';
import { endpointState, staleState } from '../status';
import { CommandIDs, ISectionProps } from '../tokens';
import type { OnlineDeployment, OnlineEndpoint } from '../wire';
import { rate } from '../words';

/** An endpoint in the list: how it does, and who answers. */
export function endpointRow(
  endpoint: OnlineEndpoint,
  props: ISectionProps
): IRow {
  const { manager, commands, trans } = props;
  const { name } = endpoint;
  const deployments = manager.deploymentsOf(name);
  const problem = manager.problemOf(`endpoint/${name}`);
  const failed = deployments.find(one => one.state === 'Failed');
  const isFailed = endpoint.state === 'Failed' || Boolean(problem);
  const state =
    manager.link.kind === 'online'
      ? endpointState(endpoint, deployments, trans)
      : staleState(trans);
  const perHour = ratePerHour(deployments);
  return {
    id: `endpoint/${name}`,
    name,
    tag: trans.__('endpoint'),
    state,
    value: isFailed ? undefined : perHour ? rate(perHour, trans) : '',
    detail:
      (problem?.message ??
        endpoint.error?.message ??
        (failed ? trans.__('%1: %2', failed.name, failed.reason) : '')) ||
      detailOf(endpoint, deployments, props),
    isFailed,
    details: () => (
      <>
        {problem && (
          <ErrorMessage
            error={problem}
            trans={trans}
            onDismiss={() => manager.dismissProblem(`endpoint/${name}`)}
          />
        )}
        {endpoint.error && (
          <ErrorMessage error={endpoint.error} trans={trans} />
        )}
        <Facts
          facts={[
            [trans.__('Address'), endpoint.scoringUri],
            [trans.__('Traffic'), trafficWords(endpoint, trans)],
            ...deployments.map(
              one => [one.name, deploymentWords(one, props)] as const
            )
          ]}
        />
      </>
    ),
    ...(isFailed
      ? {
          action: {
            label: trans.__('Fix…'),
            whyNot: whyNot(manager, trans) || undefined,
            run: () => void commands.execute(CommandIDs.openEndpoint, { name })
          }
        }
      : {})
  };
}

function detailOf(
  endpoint: OnlineEndpoint,
  deployments: readonly OnlineDeployment[],
  { trans }: ISectionProps
): React.ReactNode {
  const moving = deployments.find(one =>
    ['Creating', 'Updating', 'Scaling'].includes(one.state)
  );
  if (endpoint.state !== 'Succeeded') {
    return endpoint.reason;
  }
  if (moving) {
    return trans.__('%1: %2', moving.name, doingWords(moving, trans));
  }
  const words = trafficWords(endpoint, trans);
  const parts = shares(endpoint);
  return parts.length ? (
    <span className="fx4">
      <span className="aml-split" role="img" aria-label={words}>
        {parts.map(([name, percent]) => (
          <i key={name} style={{ width: `${percent}%` }} />
        ))}
      </span>
      {words}
    </span>
  ) : (
    words
  );
}

/** "digits:1, 2 instances". */
function deploymentWords(
  deployment: OnlineDeployment,
  { trans }: ISectionProps
): string {
  const model = deployment.model.replace(/^azureml:/, '');
  const count = countInstances([deployment]);
  const instances = count
    ? trans._n('%1 instance', '%1 instances', count)
    : trans.__('sleeping');
  return deployment.state === 'Succeeded'
    ? `${model}, ${instances}`
    : `${model}, ${doingWords(deployment, trans)}`;
}
