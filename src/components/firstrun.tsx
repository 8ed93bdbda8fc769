/** The steps to the first finished run, with one primary button. */
import type { CommandRegistry } from '@lumino/commands';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { jobState } from '../status';
import { CommandIDs, IAmlManager } from '../tokens';
import type { NewCompute } from '../wire';
import {
  CommandLine,
  GlyphIcon,
  LinkButton,
  StateShape,
  TextButton
} from './controls';
import type { IFirstRun } from './usefirstrun';

/** The cluster that the first-run card starts: the recommended size of this machine. */
export const FIRST_CLUSTER: NewCompute = {
  type: 'amlcompute',
  name: 'cpu-cluster',
  size: '',
  minInstances: 0,
  maxInstances: 2
};

export function FirstRun(props: {
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
  run: IFirstRun;
}): JSX.Element {
  const { manager, commands, trans, run } = props;
  const cluster = manager.computes.find(
    ({ spec }) => spec.type === 'amlcompute'
  );
  const name = cluster?.spec.name ?? FIRST_CLUSTER.name;
  const { job } = run;
  const isDone = job?.status === 'Completed';
  const card = React.useRef<HTMLDivElement>(null);
  useNextStep(card, cluster !== undefined);
  return (
    <div ref={card} className="aml-empty aml-first">
      <h3>
        {isDone
          ? job.type === 'cell'
            ? trans.__('Your first cell has run on %1', job.compute)
            : trans.__('Your first job has run on %1', job.compute)
          : trans.__('Run your first cell on a cluster')}
      </h3>
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
          {!cluster && <StartButton {...props} name={name} />}
        </Step>
        <Step
          mark={job ? 'done' : '2'}
          title={trans.__('Put this line on top of any cell')}
        >
          {!job && <CommandLine text={`%%aml -c ${name}`} trans={trans} />}
        </Step>
        <Step
          mark={isDone ? 'done' : '3'}
          title={trans.__('Output and variables come back here')}
          text={trans.__('Close the tab if you like: nothing is lost.')}
        >
          {job && <Progress {...props} />}
        </Step>
      </ol>
      {!job && (
        <p className="s aml-hurry">
          {trans.__('In a hurry?')}{' '}
          <LinkButton
            label={trans.__('Open the sample notebook')}
            onClick={() =>
              void commands.execute(CommandIDs.openSample, { compute: name })
            }
          />
        </p>
      )}
    </div>
  );
}

/** The button of a step that is done goes away; who pressed it goes on with what is next. */
function useNextStep(
  card: React.RefObject<HTMLElement>,
  hasCluster: boolean
): void {
  const before = React.useRef(hasCluster);
  React.useEffect(() => {
    const { activeElement } = document;
    const isLost = activeElement === null || activeElement === document.body;
    if (hasCluster && !before.current && isLost) {
      card.current?.querySelector<HTMLElement>('button.lk')?.focus();
    }
    before.current = hasCluster;
  }, [hasCluster]);
}

function StartButton(props: {
  manager: IAmlManager;
  trans: TranslationBundle;
  name: string;
}): JSX.Element {
  const { manager, trans, name } = props;
  const button = React.useRef<HTMLButtonElement>(null);
  React.useEffect(() => {
    // Whoever came to the panel finds the one thing to do; nobody else's focus is taken.
    const panel = button.current?.closest('.aml-panel');
    if (panel?.contains(document.activeElement)) {
      button.current?.focus();
    }
  }, []);
  const draft = manager.drafts.get(FIRST_CLUSTER.name);
  return (
    <TextButton
      buttonRef={button}
      kind="accept"
      glyph="play"
      label={trans.__('Start %1', name)}
      disabled={draft !== undefined && draft.error === null}
      onClick={() => void manager.createCompute(FIRST_CLUSTER)}
    />
  );
}

/** The run itself: its state, and the way to what it printed. */
function Progress(props: {
  commands: CommandRegistry;
  trans: TranslationBundle;
  run: IFirstRun;
}): JSX.Element | null {
  const { commands, trans, run } = props;
  const { job } = run;
  if (!job) {
    return null;
  }
  const { shape, word } = jobState(job, trans);
  return (
    <span className="fx aml-ran">
      <span className="fx4">
        <StateShape shape={shape} size={12} />
        {trans.__('%1: %2', job.displayName || job.name, word)}
      </span>
      <LinkButton
        label={trans.__('Open job')}
        onClick={() =>
          void commands.execute(CommandIDs.openJob, { name: job.name })
        }
      />
      {job.endedAt && (
        <TextButton size="sm" label={trans.__('Done')} onClick={run.dismiss} />
      )}
    </span>
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
