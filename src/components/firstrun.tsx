import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { IAmlManager } from '../tokens';
import type { NewCompute } from '../wire';
import { CommandLine, GlyphIcon, TextButton } from './controls';

/** The cluster that the first-run card starts: the recommended size of this machine. */
export const FIRST_CLUSTER: NewCompute = {
  type: 'amlcompute',
  name: 'cpu-cluster',
  size: '',
  minInstances: 0,
  maxInstances: 2
};

/** Whether there is nothing of the person's own yet. */
export function isFirstRun(manager: IAmlManager): boolean {
  return (
    manager.isReady &&
    manager.workspace?.kind === 'local' &&
    manager.jobs.length === 0
  );
}

/** Three steps to the first cell on a cluster, with one primary button. */
export function FirstRun(props: {
  manager: IAmlManager;
  trans: TranslationBundle;
}): JSX.Element {
  const { manager, trans } = props;
  const cluster = manager.computes.find(
    ({ spec }) => spec.type === 'amlcompute'
  );
  const name = cluster?.spec.name ?? FIRST_CLUSTER.name;
  const button = React.useRef<HTMLButtonElement>(null);
  React.useEffect(() => {
    // Whoever came to the panel finds the one thing to do; nobody else's focus is taken.
    const panel = button.current?.closest('.aml-panel');
    if (panel?.contains(document.activeElement)) {
      button.current?.focus();
    }
  }, []);
  const draft = manager.drafts.get(FIRST_CLUSTER.name);
  const isAsked = draft !== undefined && draft.error === null;
  return (
    <div className="aml-empty aml-first">
      <h3>{trans.__('Run your first cell on a cluster')}</h3>
      <p className="s">
        {trans.__(
          'Under a minute, on this machine. Nothing to install, nothing to pay.'
        )}
      </p>
      <ol>
        <Step
          mark="done"
          title={trans.__('Service is running')}
          text={trans.__('Started by itself. It stops when idle.')}
        />
        <Step
          mark={cluster ? 'done' : '1'}
          title={trans.__('Start a small cluster')}
          text={trans.__('Up to 2 nodes; they leave when idle.')}
        >
          {!cluster && (
            <TextButton
              buttonRef={button}
              kind="accept"
              glyph="play"
              label={trans.__('Start %1', name)}
              disabled={isAsked}
              onClick={() => void manager.createCompute(FIRST_CLUSTER)}
            />
          )}
        </Step>
        <Step mark="2" title={trans.__('Put this line on top of any cell')}>
          <CommandLine text={`%%aml -c ${name}`} trans={trans} />
        </Step>
        <Step
          mark="3"
          title={trans.__('Output and variables come back here')}
          text={trans.__('Close the tab if you like: nothing is lost.')}
        />
      </ol>
    </div>
  );
}

function Step(props: {
  mark: string;
  title: string;
  text?: string;
  children?: React.ReactNode;
}): JSX.Element {
  const isDone = props.mark === 'done';
  return (
    <li className="aml-step">
      <span className={isDone ? 'k done' : 'k'}>
        {isDone ? <GlyphIcon glyph="done" size={14} /> : <b>{props.mark}</b>}
      </span>
      <span>
        {props.title}
        {props.text && (
          <>
            <br />
            <span className="s">{props.text}</span>
          </>
        )}
      </span>
      {props.children && <span className="body">{props.children}</span>}
    </li>
  );
}
