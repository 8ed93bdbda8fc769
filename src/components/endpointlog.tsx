import * as React from 'react';
import type { ILogChoice } from '../endpointmodel';
import { requestWords } from '../endpointwords';
import { saveText } from '../save';
import type { LogLine } from '../wire';
import { clock } from '../words';
import { IconButton } from './controls';
import type { IKnownEndpointProps } from './endpointview';

/** What an instance printed, or the requests it answered; the newest lines, read while looked at. */
export function EndpointLog(props: IKnownEndpointProps): JSX.Element {
  const { model, trans } = props;
  const { log, logLines } = model;
  const [follows, setFollows] = React.useState(true);
  const box = React.useRef<HTMLDivElement>(null);
  React.useLayoutEffect(() => {
    if (follows && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [logLines, follows]);
  const id = ({ deployment, instance }: ILogChoice) =>
    `${deployment}/${instance}`;
  const choices = model.deployments.flatMap(({ name, instances }) => [
    { deployment: name, instance: '', label: trans.__('%1, all', name) },
    ...instances.map(one => ({
      deployment: name,
      instance: one.name,
      label: one.name
    }))
  ]);
  const choose = (value: string) => {
    const found = choices.find(one => id({ ...one, kind: log.kind }) === value);
    if (found) {
      const { deployment, instance } = found;
      model.chooseLog({ deployment, instance, kind: log.kind });
    }
  };
  return (
    <div className="aml-endpoint-log">
      <div className="fx">
        <b>{trans.__('Log')}</b>
        <select
          aria-label={trans.__('Instance')}
          value={id(log)}
          onChange={event => choose(event.target.value)}
        >
          {choices.map(({ deployment, instance, label }) => (
            <option
              key={`${deployment}/${instance}`}
              value={`${deployment}/${instance}`}
            >
              {label}
            </option>
          ))}
        </select>
        <select
          aria-label={trans.__('What is logged')}
          value={log.kind}
          onChange={event =>
            model.chooseLog({
              ...log,
              kind: event.target.value as ILogChoice['kind']
            })
          }
        >
          <option value="console">{trans.__('Console')}</option>
          <option value="requests">{trans.__('Requests')}</option>
        </select>
        <span className="grow" />
        <label className="chk">
          <input
            type="checkbox"
            checked={follows}
            onChange={event => setFollows(event.target.checked)}
          />
          {trans.__('Follow')}
        </label>
        <IconButton
          glyph="download"
          label={trans.__('Download the log')}
          onClick={() =>
            saveText(
              `${model.name}-${log.deployment}.log`,
              `${logLines.map(one => one.text).join('\n')}\n`,
              'text/plain'
            )
          }
        />
      </div>
      <div
        ref={box}
        className="aml-log"
        role="log"
        aria-live="off"
        aria-label={trans.__('Log')}
        tabIndex={0}
      >
        {logLines.length ? (
          logLines.map((line, index) => (
            <div key={index}>
              <span>{lineWords(line, log.kind)}</span>
            </div>
          ))
        ) : (
          <div>
            <span className="s">{trans.__('Nothing written yet.')}</span>
          </div>
        )}
      </div>
    </div>
  );
}

/** The console as it is; of a request, what the router noted in a few words. */
function lineWords(line: LogLine, kind: ILogChoice['kind']): string {
  const time = line.time ? `${clock(line.time)}  ` : '';
  return kind === 'requests'
    ? `${time}${requestWords(line.text)}`
    : `${time}${line.text}`;
}
