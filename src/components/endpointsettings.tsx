import * as React from 'react';
import { ratePerHour } from '../endpointwords';
import { mayAct } from '../mayact';
import { CommandIDs } from '../tokens';
import type { OnlineDeployment } from '../wire';
import { ago, money, rate, secondsBetween, sizeName } from '../words';
import { TextButton } from './controls';
import type { IKnownEndpointProps } from './endpointview';
import { Facts } from './facts';

/** How many instances of what, who may ask, what it costs. */
export function EndpointSettings(props: IKnownEndpointProps): JSX.Element {
  const { endpoint, model, manager, commands, trans } = props;
  const least = ratePerHour(model.deployments);
  const age = endpoint.createdAt
    ? ago(secondsBetween(endpoint.createdAt, Date.now()), trans)
    : '';
  return (
    <div className="aml-card">
      <h3>
        {trans.__('Settings')}
        <span className="grow" />
        <TextButton
          size="sm"
          label={trans.__('Deploy…')}
          disabled={!mayAct(manager)}
          onClick={() =>
            void commands.execute(CommandIDs.deployModel, {
              endpoint: endpoint.name
            })
          }
        />
      </h3>
      <Facts
        facts={[
          ...model.deployments.map(
            one =>
              [one.name, <Scale key={one.name} deployment={one} />] as const
          ),
          [
            trans.__('Sign-in'),
            endpoint.authMode === 'key'
              ? trans.__('2 keys')
              : trans.__('tokens of an hour')
          ],
          [
            trans.__('Lists in Azure at'),
            least
              ? trans.__(
                  '%1, %2 per day',
                  rate(least, trans),
                  money(least * 24)
                )
              : trans.__('nothing now')
          ],
          [trans.__('Created'), age],
          [trans.__('About'), endpoint.description]
        ]}
      />
    </div>
  );
}

/** "1 to 3 × DS3_v2". */
function Scale(props: { deployment: OnlineDeployment }): JSX.Element {
  const { spec } = props.deployment;
  const { minInstances = 1, maxInstances = 1 } = spec.scaleSettings ?? {};
  const count =
    minInstances === maxInstances
      ? `${minInstances}`
      : `${minInstances}–${maxInstances}`;
  return (
    <>
      {count} × {sizeName(spec.instanceType || 'Standard_DS3_v2')}
    </>
  );
}
