/** "New job…": a command line on a compute, asked for by a form. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { BeforeItRuns } from './components/beforeitruns';
import { CopyEach } from './components/copyas';
import { Form, useSending } from './components/form';
import { IModalProps, showModal } from './components/modal';
import { WhereItRuns } from './components/whereitruns';
import { IJobForm, jobSpec, jobTrouble, jobTwins, newJobForm } from './jobform';
import { COMMAND_JOB } from './jobschema';
import type { IAmlManager } from './tokens';
import type { Job } from './wire';

type Spec = Job['spec'];

export interface INewJobOptions {
  manager: IAmlManager;
  trans: TranslationBundle;
  /** The folder that the form begins with. */
  folder: string;
  compute?: string;
}

/** Ask for a new job, and make it. Null if the person changed their mind. */
export async function askForJob(options: INewJobOptions): Promise<Job | null> {
  const title = options.trans.__('New job');
  return showModal<Job>(
    title,
    ({ close }) => <NewJobForm {...options} title={title} close={close} />,
    'aml-job'
  );
}

type IFormProps = IModalProps<Job> & INewJobOptions & { title: string };

function NewJobForm(props: IFormProps): JSX.Element {
  const { manager, trans, close } = props;
  const [form, setForm] = React.useState(() =>
    newJobForm(props.compute ?? manager.defaultCompute, props.folder)
  );
  const sending = useSending();
  const set = (change: Partial<IJobForm>) => {
    setForm({ ...form, ...change });
    sending.forget();
  };
  const create = async () => {
    const body = { spec: jobSpec(form) as Spec, name: '' };
    close((await manager.call('jobs.create', { body })) as Job);
  };
  const trouble = jobTrouble(form, trans);
  return (
    <Form
      title={props.title}
      trouble={trouble}
      action={trans.__('Run job')}
      twins={<CopyEach texts={jobTwins(form, trans)} trans={trans} />}
      sending={sending}
      trans={trans}
      onSubmit={() => void sending.send(create)}
      onCancel={() => close(null)}
    >
      <label className="field">
        <span>{trans.__('Command')}</span>
        <textarea
          data-autofocus
          className="mono"
          rows={3}
          required={COMMAND_JOB.command.isRequired}
          placeholder={trans.__('%1', 'python train.py --rate 0.1')}
          value={form.command}
          onChange={event => set({ command: event.target.value })}
        />
      </label>
      <Where {...props} form={form} set={set} />
      <details>
        <summary>{trans.__('More: inputs, variables, limits')}</summary>
        <More form={form} trans={trans} set={set} />
      </details>
      <BeforeItRuns
        spec={trouble ? null : (jobSpec(form) as Spec)}
        {...{ manager, trans }}
      />
    </Form>
  );
}

interface IPartProps {
  form: IJobForm;
  trans: TranslationBundle;
  set(change: Partial<IJobForm>): void;
}

function Where(props: IPartProps & { manager: IAmlManager }): JSX.Element {
  const { form, manager, trans, set } = props;
  const isHere = form.compute === 'local';
  return (
    <div className="aml-pair">
      <WhereItRuns where={form} onChange={set} {...{ manager, trans }} />
      <Text
        {...props}
        field="folder"
        label={
          isHere
            ? trans.__('Folder, where it runs')
            : trans.__('Folder, a copy of which it runs in')
        }
      />
      <Text {...props} field="displayName" label={trans.__('Name')} />
    </div>
  );
}

function More(props: IPartProps): JSX.Element {
  const { trans } = props;
  return (
    <div className="aml-pair">
      <Lines
        {...props}
        field="inputs"
        label={trans.__('Inputs, one name=value a line')}
        hint="rate=0.1"
      />
      <Lines
        {...props}
        field="environmentVariables"
        label={trans.__('Environment variables, one NAME=VALUE a line')}
        hint="OMP_NUM_THREADS=1"
      />
      <Text {...props} field="instanceCount" label={trans.__('Nodes')} />
      <Text
        {...props}
        field="timeout"
        label={trans.__('Time limit, minutes')}
        hint={trans.__('none')}
      />
      <Text {...props} field="retries" label={trans.__('Retries')} />
      <Text {...props} field="experimentName" label={trans.__('Experiment')} />
    </div>
  );
}

type IFieldProps = IPartProps & {
  field: keyof IJobForm;
  label: string;
  hint?: string;
};

/** A number has the bounds of the job's schema. */
function Text({ form, field, label, hint, set }: IFieldProps): JSX.Element {
  const schema = field in COMMAND_JOB && COMMAND_JOB[field as 'retries'];
  const isNumber = schema && ['integer', 'number'].includes(schema.type);
  return (
    <label className="field">
      <span>{label}</span>
      <input
        type={isNumber ? 'number' : 'text'}
        min={isNumber ? schema.minimum : undefined}
        max={isNumber ? schema.maximum : undefined}
        step={isNumber && schema.type !== 'integer' ? 'any' : undefined}
        placeholder={hint}
        value={form[field]}
        onChange={event => set({ [field]: event.target.value })}
      />
    </label>
  );
}

function Lines({ form, field, label, hint, set }: IFieldProps): JSX.Element {
  return (
    <label className="field">
      <span>{label}</span>
      <textarea
        className="mono"
        rows={2}
        placeholder={hint}
        value={form[field]}
        onChange={event => set({ [field]: event.target.value })}
      />
    </label>
  );
}
