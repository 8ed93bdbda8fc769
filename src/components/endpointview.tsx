/** One endpoint in the main area: who answers, how well, and a place to try it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import type { EndpointModel } from '../endpointmodel';
import type { IAmlManager } from '../tokens';
import type { OnlineEndpoint } from '../wire';
import { CommandLine } from './controls';
import { EndpointHeader } from './endpointheader';
import { EndpointLog } from './endpointlog';
import { EndpointPlots } from './endpointplots';
import { EndpointSettings } from './endpointsettings';
import { useSignal } from './hooks';
import { InstanceTable } from './instancetable';
import { ErrorMessage, Message } from './message';
import { TrafficCard } from './trafficcard';
import { TryIt } from './tryit';
import { UnknownView } from './viewframe';

export interface IEndpointViewProps {
  model: EndpointModel;
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

export function EndpointView(props: IEndpointViewProps): JSX.Element {
  const { model, trans } = props;
  useSignal(model.changed);
  const { endpoint } = model;
  if (endpoint) {
    return <KnownEndpoint {...props} endpoint={endpoint} />;
  }
  return (
    <UnknownView
      name={model.name}
      error={model.error}
      words={trans.__('There is no endpoint of this name.')}
      list={{ section: 'models', label: trans.__('Show endpoints') }}
      commands={props.commands}
      trans={trans}
    />
  );
}

export interface IKnownEndpointProps extends IEndpointViewProps {
  endpoint: OnlineEndpoint;
}

function KnownEndpoint(props: IKnownEndpointProps): JSX.Element {
  const { endpoint, trans } = props;
  return (
    <div className="aml aml-view">
      <EndpointHeader {...props} />
      {endpoint.scoringUri && (
        <div className="fx aml-address">
          <span className="s">{trans.__('Address')}</span>
          <CommandLine text={endpoint.scoringUri} trans={trans} />
        </div>
      )}
      <Notes {...props} />
      <div className="aml-endpoint" tabIndex={0}>
        <div className="aml-main">
          <TrafficCard {...props} />
          <EndpointPlots {...props} />
          <InstanceTable {...props} />
          <EndpointLog {...props} />
        </div>
        <div className="aml-aside">
          <TryIt {...props} />
          <EndpointSettings {...props} />
        </div>
      </div>
    </div>
  );
}

/** What stands in the way of the endpoint or of one of its deployments, and what to do about it. */
function Notes(props: IKnownEndpointProps): JSX.Element {
  const { endpoint, model, manager, trans } = props;
  const keys = [
    `endpoint/${endpoint.name}`,
    ...model.deployments.map(one => `deployment/${endpoint.name}/${one.name}`)
  ];
  return (
    <div className="aml-note">
      {keys.map(key => {
        const problem = manager.problemOf(key);
        return (
          problem && (
            <ErrorMessage
              key={key}
              error={problem}
              trans={trans}
              onDismiss={() => manager.dismissProblem(key)}
            />
          )
        );
      })}
      {endpoint.error && <ErrorMessage error={endpoint.error} trans={trans} />}
      {model.deployments.map(
        one =>
          one.error && (
            <ErrorMessage key={one.name} error={one.error} trans={trans} />
          )
      )}
      {model.deployments.flatMap(one =>
        one.warnings.map(warning => (
          <Message
            key={`${one.name} ${warning}`}
            kind="warn"
            title={warning}
            text={one.name}
          />
        ))
      )}
    </div>
  );
}
