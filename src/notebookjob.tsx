/** "Run notebook as job…": the question, and the job that it becomes. */
import { PageConfig } from '@jupyterlab/coreutils';
import type * as nbformat from '@jupyterlab/nbformat';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { components } from './api';
import { BeforeItRuns } from './components/beforeitruns';
import { CopyAs } from './components/copyas';
import { Form } from './components/form';
import { IModalProps, showModal } from './components/modal';
import { WhereItRuns } from './components/whereitruns';
import {
  IParameter,
  parametersOf,
  valueOf,
  withoutOutputs
} from './notebookparameters';
import { INotebookRun, notebookTwins } from './notebooktwins';
import { notebookPaths } from './reattach';
import type { IAmlManager } from './tokens';

type NotebookSpec = components['schemas']['NotebookJob'];

export interface INotebookToRun {
  /** The server's path. */
  path: string;
  content: nbformat.INotebookContent;
  /** The compute that the notebook remembers, or an empty text. */
  compute: string;
  /** The interpreter of its kernel, or an empty text. */
  python: string;
}

/** Ask how a notebook is to run. The spec of its job, or null. */
export async function askForNotebookJob(
  notebook: INotebookToRun,
  manager: IAmlManager,
  trans: TranslationBundle
): Promise<NotebookSpec | null> {
  const name = notebook.path.replace(/^.*\//, '');
  const title = trans.__('Run %1 as a job', name);
  const choice = await showModal<INotebookRun>(
    title,
    ({ close }) => (
      <NotebookForm {...{ close, title, notebook, manager, trans }} />
    ),
    'aml-edit'
  );
  return choice && specOf(notebook, choice);
}

/** Pure. */
export function specOf(
  notebook: INotebookToRun,
  choice: INotebookRun
): NotebookSpec {
  const root = PageConfig.getOption('serverRoot');
  const [path = notebook.path] = notebookPaths(notebook.path, root);
  const folder = path.replace(/\/[^/]*$/, '');
  const isHere = choice.compute === 'local';
  return {
    type: 'notebook',
    content: JSON.stringify(withoutOutputs(notebook.content)),
    notebook: path,
    displayName: notebook.path.replace(/^.*\//, '').replace(/\.ipynb$/, ''),
    compute: choice.compute,
    environment: choice.environment,
    python: choice.environment === 'kernel' ? notebook.python : '',
    parameters: choice.parameters as NotebookSpec['parameters'],
    // Where it runs on this machine; elsewhere it works in a snapshot of the folder.
    cwd: isHere ? folder : '',
    code: isHere ? null : folder
  };
}

function NotebookForm(
  props: IModalProps<INotebookRun> & {
    title: string;
    notebook: INotebookToRun;
    manager: IAmlManager;
    trans: TranslationBundle;
  }
): JSX.Element {
  const { close, title, notebook, manager, trans } = props;
  const declared = React.useMemo(
    () => parametersOf(notebook.content),
    [notebook]
  );
  const [where, setWhere] = React.useState({
    compute: notebook.compute || manager.defaultCompute,
    environment: 'kernel'
  });
  const [typed, setTyped] = React.useState<Record<string, string>>({});
  const parameters = changed(declared, typed);
  const choice = { ...where, parameters };
  const file = notebook.path.replace(/^.*\//, '');
  return (
    <Form
      title={title}
      trouble=""
      action={trans.__('Run notebook')}
      trans={trans}
      twins={<CopyAs twins={notebookTwins(file, choice)} trans={trans} />}
      onSubmit={() => close(choice)}
      onCancel={() => close(null)}
    >
      <WhereItRuns
        focus
        where={where}
        onChange={change => setWhere({ ...where, ...change })}
        {...{ manager, trans }}
      />
      <Parameters
        declared={declared}
        typed={typed}
        trans={trans}
        onType={(name, text) => setTyped({ ...typed, [name]: text })}
      />
      <BeforeItRuns spec={specOf(notebook, choice)} {...{ manager, trans }} />
    </Form>
  );
}

/** The values that are not those of the notebook. */
function changed(
  declared: readonly IParameter[],
  typed: Readonly<Record<string, string>>
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const { name, text } of declared) {
    const value = typed[name];
    if (value !== undefined && value !== text) {
      values[name] = valueOf(value);
    }
  }
  return values;
}

function Parameters(props: {
  declared: readonly IParameter[];
  typed: Record<string, string>;
  trans: TranslationBundle;
  onType(name: string, text: string): void;
}): JSX.Element {
  const { declared, typed, trans, onType } = props;
  if (!declared.length) {
    return (
      <p className="s">
        {trans.__(
          'No parameters: no cell has the tag “parameters”. Its values could be changed here.'
        )}
      </p>
    );
  }
  return (
    <fieldset className="field">
      <legend>{trans.__('Parameters')}</legend>
      {declared.map(({ name, text }) => (
        <label key={name} className="field">
          <span className="mono">{name}</span>
          <input
            className="mono"
            value={typed[name] ?? text}
            onChange={event => onType(name, event.target.value)}
          />
        </label>
      ))}
    </fieldset>
  );
}
