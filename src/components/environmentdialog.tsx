/** The form of a new environment. A refusal is shown in it, at the line that is meant. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import {
  environmentOf,
  environmentTrouble,
  environmentTwins,
  IEnvironmentForm,
  lineNamed,
  NO_ENVIRONMENT
} from '../environmentform';
import type { IAmlManager } from '../tokens';
import type { Environment } from '../wire';
import { CopyAs } from './copyas';
import { Form, useSending } from './form';
import { IModalProps, showModal } from './modal';

/** Ask for a new environment and create it. Null if the person changed their mind. */
export function askForEnvironment(
  manager: IAmlManager,
  trans: TranslationBundle
): Promise<Environment | null> {
  const title = trans.__('New environment');
  return showModal<Environment>(
    title,
    ({ close }) => <EnvironmentDialog {...{ manager, trans, title, close }} />,
    'aml-edit'
  );
}

type IDialogProps = IModalProps<Environment> & {
  manager: IAmlManager;
  trans: TranslationBundle;
  title: string;
};

function EnvironmentDialog(props: IDialogProps): JSX.Element {
  const { manager, trans, title, close } = props;
  const [form, setForm] = React.useState(NO_ENVIRONMENT);
  const sending = useSending();
  const text = React.useRef<HTMLTextAreaElement>(null);
  const set = (change: Partial<IEnvironmentForm>) => {
    setForm({ ...form, ...change });
    sending.forget();
  };
  const trouble = environmentTrouble(form, trans);
  const create = async () => {
    const refused = await sending.send(async () => {
      const body = environmentOf(form);
      const made = await manager.call('environments.create', { body });
      close(made as Environment);
    });
    const line = refused && lineNamed(refused.target, form.packages);
    if (line && form.from === 'packages') {
      text.current?.focus();
      text.current?.setSelectionRange(line.start, line.end);
    }
  };
  return (
    <Form
      title={title}
      trouble={trouble}
      action={trans.__('Create and build')}
      twins={
        <CopyAs twins={environmentTwins(environmentOf(form))} trans={trans} />
      }
      sending={sending}
      trans={trans}
      onSubmit={() => void create()}
      onCancel={() => close(null)}
    >
      <div className="aml-pair">
        <label className="field">
          <span>{trans.__('Name')}</span>
          <input
            data-autofocus
            value={form.name}
            onChange={event => set({ name: event.target.value.trim() })}
          />
        </label>
        <label className="field">
          <span>{trans.__('Python, empty for this one')}</span>
          <input
            value={form.python}
            placeholder={trans.__('%1', '3.11 or >=3.10,<3.13')}
            onChange={event => set({ python: event.target.value })}
          />
        </label>
      </div>
      <Content form={form} set={set} trans={trans} text={text} />
      <p className="s">
        {trans.__(
          'The next version of a name that is there already, where its content is new. It is built once; jobs that use it share it.'
        )}
      </p>
    </Form>
  );
}

/** Requirements or a conda file: what is not chosen is kept, and not sent. */
function Content(props: {
  form: IEnvironmentForm;
  trans: TranslationBundle;
  text: React.RefObject<HTMLTextAreaElement>;
  set(change: Partial<IEnvironmentForm>): void;
}): JSX.Element {
  const { form, trans, text, set } = props;
  const choice = (from: IEnvironmentForm['from'], label: string) => (
    <label className="chk">
      <input
        type="radio"
        name="aml-from"
        checked={form.from === from}
        onChange={() => set({ from })}
      />
      {label}
    </label>
  );
  const isConda = form.from === 'conda';
  return (
    <>
      <fieldset className="aml-plain">
        <legend>{trans.__('What it holds')}</legend>
        {choice('packages', trans.__('Packages, as in a requirements file'))}
        {choice('conda', trans.__('A conda file'))}
      </fieldset>
      <label className="field">
        <span>
          {isConda ? trans.__('Conda file') : trans.__('Packages, one a line')}
        </span>
        <textarea
          ref={text}
          className="mono"
          rows={8}
          spellCheck={false}
          placeholder={isConda ? CONDA : REQUIREMENTS}
          value={isConda ? form.conda : form.packages}
          onChange={event =>
            set(
              isConda
                ? { conda: event.target.value }
                : { packages: event.target.value }
            )
          }
        />
      </label>
    </>
  );
}

const REQUIREMENTS = 'scikit-learn>=1.4\npandas';
const CONDA =
  'dependencies:\n  - python=3.11\n  - pip:\n    - scikit-learn>=1.4';
