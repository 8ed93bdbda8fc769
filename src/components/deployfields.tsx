/** The fields of the deploy dialog: where, how many of what, and whose code. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { freeColour, IDeployForm, isServing, needsScript } from '../deployform';
import { assetKey } from '../store';
import type {
  Model,
  NewDeployment,
  OnlineDeployment,
  OnlineEndpoint,
  Rehearsal,
  VmSize
} from '../wire';
import { money, sizeName } from '../words';

export interface IDeployFacts {
  models: readonly Model[];
  endpoints: readonly OnlineEndpoint[];
  sizes: readonly VmSize[];
  /** Its name, and where it is. */
  workspace: string;
  /** "name:version" of those that can be chosen. */
  environments: readonly string[];
  deploymentsOf(endpoint: string): readonly OnlineDeployment[];
  /** Start it once, ask it, end it. */
  rehearse(deployment: NewDeployment): Promise<Rehearsal>;
}

export type IPartProps = {
  facts: IDeployFacts;
  trans: TranslationBundle;
  form: IDeployForm;
  set(change: Partial<IDeployForm>): void;
};

const NEW = '';

export function Where({ form, facts, trans, set }: IPartProps): JSX.Element {
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

export function HowMany({ form, facts, trans, set }: IPartProps): JSX.Element {
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

/** What runs it: whose packages, and whose code. */
export function RunsIn({ form, facts, trans, set }: IPartProps): JSX.Element {
  const model = facts.models.find(one => assetKey(one) === form.model);
  const isNeeded = model !== undefined && needsScript(model);
  return (
    <div className="aml-deploy">
      <label className="field">
        <span>{trans.__('Environment')}</span>
        <select
          value={form.environment}
          onChange={event => set({ environment: event.target.value })}
        >
          <option value="">{trans.__('The model’s own Python')}</option>
          {facts.environments.map(name => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>
          {isNeeded
            ? trans.__('Scoring script')
            : trans.__('Scoring script (it needs none)')}
        </span>
        <input
          value={form.script}
          placeholder={trans.__('such as /home/me/model/score.py')}
          onChange={event => set({ script: event.target.value.trim() })}
        />
      </label>
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
