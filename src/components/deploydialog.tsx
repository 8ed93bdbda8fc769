/** The form of a deployment: where, how many of what, and how it begins to get requests. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import {
  deploymentOf,
  deployTrouble,
  freeColour,
  IDeployForm,
  isServing,
  needsScript,
  Start
} from '../deployform';
import { assetKey } from '../store';
import { deployTwins } from '../twins';
import type { Model, OnlineDeployment, OnlineEndpoint, VmSize } from '../wire';
import { money, sizeName } from '../words';
import { IconButton } from './controls';
import { CopyAs } from './copyas';
import { DeployFacts } from './deployfacts';

export interface IDeployFacts {
  models: readonly Model[];
  endpoints: readonly OnlineEndpoint[];
  sizes: readonly VmSize[];
  /** Its name, and where it is. */
  workspace: string;
  deploymentsOf(endpoint: string): readonly OnlineDeployment[];
}

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
    (model && needsScript(model)
      ? trans.__('It needs a script: %1', '%aml deploy … --script score.py')
      : '');
  const endpoint = facts.endpoints.find(one => one.name === form.endpoint);
  return (
    <form
      className="aml-form"
      onSubmit={event => {
        event.preventDefault();
        if (!trouble) {
          close(form);
        }
      }}
    >
      <h2>
        {trans.__('Deploy %1', form.model.replace(':', ' v'))}
        <span className="grow" />
        <span className="s">{facts.workspace}</span>
        <IconButton
          glyph="close"
          label={trans.__('Close')}
          onClick={() => close(null)}
        />
      </h2>
      <Where {...props} form={form} set={set} />
      <HowMany {...props} form={form} set={set} />
      {!form.isNew && isServing(endpoint ?? null) && (
        <Traffic form={form} set={set} trans={trans} />
      )}
      {model && <DeployFacts model={model} trans={trans} />}
      <Price form={form} sizes={facts.sizes} trans={trans} />
      <div className="foot">
        {trouble ? (
          <span className="s grow" role="status">
            {trouble}
          </span>
        ) : (
          <CopyAs
            twins={deployTwins(deploymentOf(form), form.start)}
            trans={trans}
          />
        )}
        <button type="button" className="btn" onClick={() => close(null)}>
          {trans.__('Cancel')}
        </button>
        <button
          type="submit"
          className="btn accept"
          disabled={Boolean(trouble)}
          title={trouble || undefined}
        >
          {trans.__('Deploy')}
        </button>
      </div>
    </form>
  );
}

type IPartProps = IDeployProps & {
  form: IDeployForm;
  set(change: Partial<IDeployForm>): void;
};

const NEW = '';

function Where({ form, facts, trans, set }: IPartProps): JSX.Element {
  const choose = (name: string) => {
    const taken = facts.deploymentsOf(name).map(one => one.name);
    const endpoint = facts.endpoints.find(one => one.name === name) ?? null;
    set({
      endpoint: name || form.endpoint,
      isNew: name === NEW,
      name: freeColour(name ? taken : []),
      start: isServing(endpoint) ? 'rollout' : 'all'
    });
  };
  return (
    <div className="aml-deploy">
      <label className="field">
        <span>{trans.__('Model')}</span>
        <select
          value={form.model}
          onChange={event => set({ model: event.target.value })}
        >
          {facts.models.map(({ name, version }) => (
            <option key={name} value={`${name}:${version}`}>
              {trans.__('%1, v%2', name, version)}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>{trans.__('Endpoint')}</span>
        <select
          value={form.isNew ? NEW : form.endpoint}
          onChange={event => choose(event.target.value)}
        >
          <option value={NEW}>{trans.__('A new endpoint')}</option>
          {facts.endpoints.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      {form.isNew && (
        <label className="field">
          <span>{trans.__('Its name')}</span>
          <input
            value={form.endpoint}
            onChange={event => set({ endpoint: event.target.value })}
          />
        </label>
      )}
      <label className="field">
        <span>{trans.__('Deployment name')}</span>
        <input
          value={form.name}
          onChange={event => set({ name: event.target.value })}
        />
      </label>
    </div>
  );
}

function HowMany({ form, facts, trans, set }: IPartProps): JSX.Element {
  const count = (field: 'min' | 'max', label: string) => (
    <label className="field">
      <span>{label}</span>
      <input
        type="number"
        min={field === 'min' ? 0 : 1}
        max={50}
        value={form[field]}
        onChange={event => set({ [field]: Number(event.target.value) })}
      />
    </label>
  );
  return (
    <div className="aml-deploy">
      <label className="field">
        <span>{trans.__('Size')}</span>
        <select
          value={form.size}
          onChange={event => set({ size: event.target.value })}
        >
          {facts.sizes.map(size => (
            <option
              key={size.name}
              value={size.name}
              disabled={!size.available}
            >
              {sizeWords(size, trans)}
            </option>
          ))}
        </select>
      </label>
      {count('min', trans.__('Instances, min'))}
      {count('max', trans.__('Instances, max'))}
    </div>
  );
}

function sizeWords(size: VmSize, trans: TranslationBundle): string {
  const price = size.pricePerHour
    ? trans.__('%1 per hour', money(size.pricePerHour, 3))
    : trans.__('free');
  return trans.__(
    '%1, %2 vCPU, %3 GB, %4',
    sizeName(size.name),
    size.vcpus,
    size.memoryGb,
    price
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
          ': 10 % live, then 50, then all. Goes back by itself if errors pass 5 %'
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
