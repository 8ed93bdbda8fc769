import * as React from 'react';
import { rehearsalRate } from '../endpointwords';
import { mayAct, whyNot } from '../mayact';
import { endpointState } from '../status';
import { nowOf } from '../trafficmath';
import { CommandIDs } from '../tokens';
import { endpointTwins } from '../endpointtwins';
import { twinEntries } from '../twins';
import { compact } from './plot';
import { IconButton, TextButton } from './controls';
import type { IKnownEndpointProps } from './endpointview';
import { openMenu } from './menu';
import { ViewHeader } from './viewframe';

/** What the endpoint is, how it does, and what can be done about it. */
export function EndpointHeader(props: IKnownEndpointProps): JSX.Element {
  const { endpoint, model, manager, commands, trans } = props;
  const { name } = endpoint;
  const state = endpointState(endpoint, model.deployments, trans);
  const { rate, p95, errorRate } = nowOf(model.traffic);
  const facts =
    p95 === null || errorRate === null
      ? trans.__('no requests lately')
      : trans.__(
          '%1 requests/s, p95 %2 ms, errors %3 %',
          compact(rate),
          compact(p95 * 1000),
          (errorRate * 100).toFixed(1)
        );
  const why = whyNot(manager, trans);
  const more = (event: React.MouseEvent) =>
    openMenu(
      commands,
      [
        { command: CommandIDs.deployModel, args: { endpoint: name } },
        null,
        ...twinEntries(endpointTwins(name), trans),
        null,
        { command: CommandIDs.deleteEndpoint, args: { name } }
      ],
      event.currentTarget
    );
  return (
    <ViewHeader
      shape={state.shape}
      name={name}
      state={<span>{state.word}</span>}
      facts={facts}
      aside={rehearsalRate(model.deployments, trans)}
    >
      <TextButton
        glyph="lock"
        label={trans.__('Keys…')}
        disabled={!mayAct(manager)}
        title={why || undefined}
        onClick={() => void commands.execute(CommandIDs.showKeys, { name })}
      />
      <IconButton
        glyph="more"
        label={trans.__('More: deploy, copy as code, delete')}
        onClick={more}
      />
    </ViewHeader>
  );
}
