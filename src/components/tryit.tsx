import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { mayAct, whyNot } from '../mayact';
import { ApiError } from '../request';
import { invokeTwins, IInvokeTwins } from '../endpointtwins';
import type { InvokeAnswer } from '../wire';
import { shortly } from '../words';
import { IconButton, StateShape, TextButton } from './controls';
import type { IKnownEndpointProps } from './endpointview';
import { ErrorMessage } from './message';
import { Tabs } from './tabs';

const EXAMPLE = '{\n  "input_data": [[0, 0, 0, 0]]\n}';

/** A request to send from here, its answer, and the same as code. */
export function TryIt(props: IKnownEndpointProps): JSX.Element {
  const { endpoint, model, manager, trans } = props;
  const [text, setText] = React.useState<string | null>(null);
  const [to, setTo] = React.useState('');
  const [answer, setAnswer] = React.useState<InvokeAnswer | null>(null);
  const [error, setError] = React.useState<ApiError | null>(null);
  const [isSending, setSending] = React.useState(false);
  const sample = useSample(props);
  const request = text ?? sample ?? EXAMPLE;
  const problem = jsonProblem(request);
  const reason =
    whyNot(manager, trans) ||
    (problem ? trans.__('Not JSON: %1', problem) : '') ||
    (model.deployments.length ? '' : trans.__('Nothing is deployed yet'));
  const send = async () => {
    if (reason || isSending) {
      return;
    }
    setSending(true);
    setError(null);
    try {
      const body = { requestData: JSON.parse(request), deployment: to };
      const args = { name: endpoint.name, body };
      const answered = await manager.call('online_endpoints.invoke', args);
      setAnswer(answered as InvokeAnswer);
    } catch (caught) {
      setAnswer(null);
      setError(ApiError.from(caught));
    } finally {
      setSending(false);
    }
  };
  return (
    <div className="aml-card aml-tryit">
      <h3>
        {trans.__('Try it')}
        <span className="grow" />
        <label className="fx4 s">
          {trans.__('to')}
          <select value={to} onChange={event => setTo(event.target.value)}>
            <option value="">{trans.__('by traffic')}</option>
            {model.deployments.map(({ name }) => (
              <option key={name} value={name}>
                {trans.__('%1 only', name)}
              </option>
            ))}
          </select>
        </label>
      </h3>
      <label className="field">
        <span>
          {sample
            ? trans.__('Request, the sample of the model')
            : trans.__('Request, as JSON')}
        </span>
        <textarea
          spellCheck={false}
          value={request}
          aria-invalid={Boolean(problem)}
          onChange={event => setText(event.target.value)}
          onKeyDown={event => {
            if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
              event.preventDefault();
              void send();
            }
          }}
        />
      </label>
      <div className="fx">
        <TextButton
          kind="accept"
          glyph="play"
          label={isSending ? trans.__('Sending') : trans.__('Send')}
          disabled={Boolean(reason) || !mayAct(manager)}
          title={reason || undefined}
          onClick={() => void send()}
        />
        <span className="s" role="status">
          {problem ? reason : trans.__('Ctrl Enter')}
        </span>
        <span className="grow" />
        {text !== null && (
          <TextButton
            size="sm"
            label={trans.__('Start over')}
            onClick={() => setText(null)}
          />
        )}
      </div>
      {error && <ErrorMessage error={error} trans={trans} />}
      {answer && <Answered answer={answer} trans={trans} />}
      <Twins twins={invokeTwins(endpoint, request)} trans={trans} />
    </div>
  );
}

/** The sample that was kept with the model of the first deployment, laid out to be read. */
function useSample({ model, manager }: IKnownEndpointProps): string | null {
  const served = model.deployments[0]?.model ?? '';
  const [sample, setSample] = React.useState<string | null>(null);
  React.useEffect(() => {
    let isOver = false;
    const [name = '', version = ''] = served
      .replace(/^azureml:/, '')
      .split(':');
    setSample(null);
    const read = async () => {
      const { sample: kept } = await manager.call('models.get', {
        name,
        version
      });
      if (kept && !isOver) {
        setSample(readable(kept));
      }
    };
    if (name) {
      // Without one there is the example.
      read().catch(reason => console.debug('jupyter-aml: no sample', reason));
    }
    return () => {
      isOver = true;
    };
  }, [manager, served]);
  return sample;
}

function readable(json: string): string {
  try {
    return laidOut(JSON.parse(json));
  } catch {
    return json; // kept as it was given
  }
}

function laidOut(value: unknown): string {
  // A row of numbers or words takes one line.
  const wide = JSON.stringify(value, null, 2).replace(
    /\[\n\s*([^[\]{}]+?)\n\s*\]/g,
    (_, row: string) => `[${row.replace(/,\n\s*/g, ', ')}]`
  );
  return wide.length < 4000 ? wide : JSON.stringify(value);
}

function jsonProblem(text: string): string {
  try {
    JSON.parse(text);
    return '';
  } catch (reason) {
    return reason instanceof Error ? reason.message : String(reason);
  }
}

function Answered(props: {
  answer: InvokeAnswer;
  trans: TranslationBundle;
}): JSX.Element {
  const { answer, trans } = props;
  const isOk = answer.status < 400;
  const text =
    answer.body === null || answer.body === undefined
      ? answer.text
      : laidOut(answer.body);
  return (
    <>
      <div className="fx aml-answer" role="status">
        <span className="state">
          <StateShape shape={isOk ? 'done' : 'failed'} />
          {isOk ? trans.__('%1 OK', answer.status) : answer.status}
        </span>
        <span className="s num">
          {[shortly(answer.seconds, trans), answer.deployment]
            .filter(Boolean)
            .join(', ')}
        </span>
        <span className="grow" />
        <IconButton
          glyph="copy"
          label={trans.__('Copy the answer')}
          onClick={() => Clipboard.copyToSystem(text)}
        />
      </div>
      <pre className="aml-code" tabIndex={0}>
        {text}
      </pre>
    </>
  );
}

/** The same request as code. The key is never in the text. */
function Twins(props: {
  twins: IInvokeTwins;
  trans: TranslationBundle;
}): JSX.Element {
  const { twins, trans } = props;
  const [chosen, setChosen] = React.useState<keyof IInvokeTwins>('curl');
  const code = twins[chosen];
  return (
    <>
      <Tabs
        label={trans.__('The same as code')}
        tabs={[
          { id: 'magic', label: trans.__('Magic') },
          { id: 'curl', label: trans.__('curl') },
          { id: 'python', label: trans.__('Python') }
        ]}
        chosen={chosen}
        onChoose={id => setChosen(id as keyof IInvokeTwins)}
      >
        <pre className="aml-code" tabIndex={0}>
          {code}
        </pre>
      </Tabs>
      <div className="fx">
        <span className="s">
          {chosen === 'magic'
            ? trans.__('The service adds the key.')
            : trans.__(
                'The key is not in the text: it is read from %1.',
                '$KEY'
              )}
        </span>
        <span className="grow" />
        <IconButton
          glyph="copy"
          label={trans.__('Copy the code')}
          onClick={() => Clipboard.copyToSystem(code)}
        />
      </div>
    </>
  );
}
