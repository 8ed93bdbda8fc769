/** A deployment tried before it exists: what is known of it, and what a rehearsal found. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { findingsOf } from '../rehearsal';
import { ApiError } from '../request';
import type { NewDeployment, Rehearsal } from '../wire';
import { elapsed } from '../words';
import { StateShape, TextButton } from './controls';
import { useNow } from './hooks';
import { ErrorMessage } from './message';

type Outcome = Rehearsal | ApiError | null;

export function RehearsalBox(props: {
  deployment: NewDeployment;
  /** Why it cannot be started as it is; empty when it can. */
  trouble: string;
  rehearse(deployment: NewDeployment): Promise<Rehearsal>;
  trans: TranslationBundle;
}): JSX.Element {
  const { deployment, trouble, rehearse, trans } = props;
  const [since, setSince] = React.useState(0);
  const [outcome, setOutcome] = React.useState<Outcome>(null);
  const asked = React.useRef('');
  // What was found holds for what was rehearsed, not for what the form says since.
  const wanted = JSON.stringify(deployment);
  const found = asked.current === wanted ? outcome : null;
  const isRunning = since > 0 && asked.current === wanted;
  const run = async () => {
    asked.current = wanted;
    setOutcome(null);
    setSince(Date.now());
    const came: Outcome = await rehearse(deployment).catch(reason =>
      ApiError.from(reason)
    );
    if (asked.current === wanted) {
      setOutcome(came);
      setSince(0);
    }
  };
  return (
    <div
      className="aml-box aml-rehearsal"
      role="group"
      aria-label={trans.__('Rehearsal')}
    >
      <div className="h">
        <b>{trans.__('Rehearsal on this machine')}</b>
        <span className="grow" />
        <TextButton
          size="sm"
          label={found ? trans.__('Rehearse again') : trans.__('Rehearse')}
          disabled={isRunning || Boolean(trouble)}
          title={trouble || undefined}
          onClick={() => void run()}
        />
      </div>
      <div role="status" className="aml-findings">
        {isRunning ? (
          <Running since={since} trans={trans} />
        ) : found === null ? (
          <span className="s">
            {trans.__(
              'Starts it once, sends it the model’s sample, and ends it again. Nothing is kept.'
            )}
          </span>
        ) : (
          !(found instanceof ApiError) && (
            <Findings found={found} trans={trans} />
          )
        )}
      </div>
      {found instanceof ApiError ? (
        <ErrorMessage error={found} trans={trans} />
      ) : (
        found?.error && <ErrorMessage error={found.error} trans={trans} />
      )}
    </div>
  );
}

function Running(props: {
  since: number;
  trans: TranslationBundle;
}): JSX.Element {
  const now = useNow(true);
  const seconds = Math.max(0, (now - props.since) / 1000);
  return (
    <span className="state">
      <StateShape shape="running" />
      {props.trans.__('Running')}{' '}
      <span className="num" aria-hidden="true">
        {elapsed(seconds)}
      </span>
    </span>
  );
}

function Findings(props: {
  found: Rehearsal;
  trans: TranslationBundle;
}): JSX.Element {
  const { found, trans } = props;
  return (
    <>
      {findingsOf(found, trans).map(([shape, words]) => (
        <span key={words} className="state" title={words}>
          <StateShape shape={shape} />
          <span>{words}</span>
        </span>
      ))}
    </>
  );
}
