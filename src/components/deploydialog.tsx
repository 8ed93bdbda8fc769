/** The form of a deployment: where, how many of what, and how it begins to get requests. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import {
  deploymentOf,
  deployTrouble,
  IDeployForm,
  isServing,
  needsScript,
  Start
} from '../deployform';
import { assetKey } from '../store';
import { deployTwins } from '../endpointtwins';
import type { VmSize } from '../wire';
import { money } from '../words';
import { CopyAs } from './copyas';
import { DeployFacts } from './deployfacts';
import { HowMany, IDeployFacts, RunsIn, Where } from './deployfields';
import { Form } from './form';
import { RehearsalBox } from './rehearsal';

export interface IDeployProps {
  facts: IDeployFacts;
  begin: IDeployForm;
  trans: TranslationBundle;
  close(form: IDeployForm | null): void;
}

export function DeployDialog(props: IDeployProps): JSX.Element {
  const { facts, trans, close } = props;
  const [form, setForm] = React.useState(props.begin);
  const set = (change: Partial<IDeployForm>) => setForm({ ...form, ...change });
  const taken = facts.deploymentsOf(form.endpoint).map(one => one.name);
  const model = facts.models.find(one => assetKey(one) === form.model);
  const trouble =
    deployTrouble(form, facts.endpoints, taken, trans) ||
    (model && needsScript(model) && !form.script
      ? trans.__('It needs a script with init() and run()')
      : '');
  const endpoint = facts.endpoints.find(one => one.name === form.endpoint);
  return (
    <Form
      title={trans.__('Deploy %1', form.model.replace(':', ' v'))}
      aside={facts.workspace}
      trouble={trouble}
      action={trans.__('Deploy')}
      twins={
        <CopyAs
          twins={deployTwins(deploymentOf(form), form.start)}
          trans={trans}
        />
      }
      trans={trans}
      onSubmit={() => close(form)}
      onCancel={() => close(null)}
    >
      <Where {...props} form={form} set={set} />
      <HowMany {...props} form={form} set={set} />
      <RunsIn {...props} form={form} set={set} />
      {!form.isNew && isServing(endpoint ?? null) && (
        <Traffic form={form} set={set} trans={trans} />
      )}
      {model && <DeployFacts model={model} trans={trans} />}
      <RehearsalBox
        deployment={deploymentOf(form)}
        trouble={trouble}
        rehearse={facts.rehearse}
        trans={trans}
      />
      <Price form={form} sizes={facts.sizes} trans={trans} />
    </Form>
  );
}

function Traffic(props: {
  form: IDeployForm;
  trans: TranslationBundle;
  set(change: Partial<IDeployForm>): void;
}): JSX.Element {
  const { form, trans, set } = props;
  const choice = (start: Start, label: string, more: string) => (
    <label className="chk">
      <input
        type="radio"
        name="aml-start"
        checked={form.start === start}
        onChange={() => set({ start })}
      />
      <span>
        <b>{label}</b>
        {more}
      </span>
    </label>
  );
  return (
    <fieldset className="aml-plain">
      <legend>{trans.__('How it receives traffic')}</legend>
      {choice(
        'rollout',
        trans.__('Safe rollout'),
        trans.__(
          ': copies of 10 %, then 10 % live, 50, all. Goes back by itself if errors pass 5 %'
        )
      )}
      {choice(
        'none',
        trans.__('No traffic yet'),
        trans.__(': I test it first')
      )}
      {choice('all', trans.__('All traffic now'), '')}
    </fieldset>
  );
}

/** What it would cost in Azure, at its least and at its most. */
function Price(props: {
  form: IDeployForm;
  sizes: readonly VmSize[];
  trans: TranslationBundle;
}): JSX.Element {
  const { form, sizes, trans } = props;
  const price = sizes.find(one => one.name === form.size)?.pricePerHour ?? 0;
  const line = (count: number) => (
    <>
      <span>{trans._n('%1 instance', '%1 instances', count)}</span>
      <span className="num r">{money(price * count)}</span>
      <span className="num r">{money(price * count * 24)}</span>
    </>
  );
  return (
    <div className="aml-box aml-cost-box" role="status">
      <span className="s">{trans.__('Cost in Azure, would be')}</span>
      <span className="s r">{trans.__('per hour')}</span>
      <span className="s r">{trans.__('per day')}</span>
      {line(form.min)}
      {form.max !== form.min && line(form.max)}
      <span className="s full">
        {form.min === 0
          ? trans.__(
              'It sleeps when nobody asks; the first request waits until it is awake. Here nothing is charged.'
            )
          : trans.__(
              'An endpoint costs while it exists, also with no requests. Here nothing is charged.'
            )}
      </span>
    </div>
  );
}
