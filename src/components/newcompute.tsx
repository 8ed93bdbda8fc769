/** The form of a new compute: a name, a kind, a size from the list with its price, how many. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import {
  filterSizes,
  freeName,
  isComputeName,
  ISizeFilter,
  NO_FILTER,
  orderSizes,
  presetSize
} from '../sizes';
import type { NewCompute, VmSize } from '../wire';
import { CommandLine, IconButton } from './controls';
import { CostBox } from './costbox';
import { SizeFilter } from './sizefilter';
import { SizeTable } from './sizetable';

export interface INewComputeProps {
  sizes: readonly VmSize[];
  /** How exact the prices are. */
  note: string;
  taken: ReadonlySet<string>;
  workspace: string;
  trans: TranslationBundle;
  close(spec: NewCompute | null): void;
}

interface IForm {
  name: string;
  type: 'amlcompute' | 'computeinstance';
  isLowPriority: boolean;
  size: string;
  min: number;
  max: number;
  idleSeconds: number;
}

const IDLE_CHOICES = [30, 120, 300, 900, 3600];

export function NewComputeForm(props: INewComputeProps): JSX.Element {
  const { trans, taken, close } = props;
  const all = React.useMemo(() => orderSizes(props.sizes), [props.sizes]);
  const [filter, setFilter] = React.useState<ISizeFilter>(NO_FILTER);
  const [form, setForm] = React.useState<IForm>(() => ({
    name: freeName('cpu-cluster', taken),
    type: 'amlcompute',
    isLowPriority: false,
    size: presetSize(all)?.name ?? '',
    min: 0,
    max: 2,
    idleSeconds: 120
  }));
  const set = (change: Partial<IForm>) => setForm({ ...form, ...change });
  const isCluster = form.type === 'amlcompute';
  const fitting = all.filter(size =>
    size.supportedComputeTypes.includes(form.type)
  );
  const shown = filterSizes(fitting, filter);
  const chosen = all.find(size => size.name === form.size);
  const spec = specOf(form);
  const trouble = troubleOf(form, taken, chosen, trans);
  const commit = () => {
    if (!trouble) {
      close(spec);
    }
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    const isTyping = event.target instanceof HTMLInputElement;
    if (event.key === '/' && !isTyping) {
      event.preventDefault();
      (event.currentTarget as HTMLElement)
        .querySelector<HTMLElement>('input[type=search]')
        ?.focus();
    }
  };
  return (
    <form
      className="aml-form"
      onKeyDown={onKeyDown}
      onSubmit={event => {
        event.preventDefault();
        commit();
      }}
    >
      <h2>
        {isCluster ? trans.__('New cluster') : trans.__('New machine')}
        <span className="grow" />
        <span className="s">{props.workspace}</span>
        <IconButton
          glyph="close"
          label={trans.__('Close')}
          onClick={() => close(null)}
        />
      </h2>
      <div className="fx aml-fields">
        <label className="field">
          <span>{trans.__('Name')}</span>
          <input
            value={form.name}
            aria-invalid={!isComputeName(form.name) || taken.has(form.name)}
            onChange={event => set({ name: event.target.value })}
          />
        </label>
        <Choice
          legend={trans.__('Kind')}
          name="aml-kind"
          value={form.type}
          options={[
            ['amlcompute', trans.__('Cluster')],
            ['computeinstance', trans.__('Single machine')]
          ]}
          onChange={type => set({ type })}
        />
        {isCluster && (
          <Choice
            legend={trans.__('Priority')}
            name="aml-tier"
            value={form.isLowPriority ? 'low' : 'dedicated'}
            options={[
              ['dedicated', trans.__('Dedicated')],
              ['low', trans.__('Low priority, about 80 % less; can be evicted')]
            ]}
            onChange={tier => set({ isLowPriority: tier === 'low' })}
          />
        )}
      </div>
      <SizeFilter
        filter={filter}
        shown={shown.length}
        total={fitting.length}
        trans={trans}
        onChange={setFilter}
      />
      <SizeTable
        sizes={shown}
        selected={form.size}
        isLowPriority={form.isLowPriority}
        trans={trans}
        onSelect={size => set({ size })}
        onCommit={commit}
      />
      <div className="aml-scale">
        {isCluster && (
          <div className="aml-fields fx">
            <NumberField
              label={trans.__('Nodes, min')}
              value={form.min}
              min={0}
              onChange={min => set({ min, max: Math.max(min, form.max) })}
            />
            <NumberField
              label={trans.__('Nodes, max')}
              value={form.max}
              min={1}
              onChange={max => set({ max, min: Math.min(max, form.min) })}
            />
            <label className="field">
              <span>{trans.__('Leaves when idle')}</span>
              <select
                value={form.idleSeconds}
                onChange={event =>
                  set({ idleSeconds: Number(event.target.value) })
                }
              >
                {IDLE_CHOICES.map(seconds => (
                  <option key={seconds} value={seconds}>
                    {seconds < 60
                      ? trans.__('%1 seconds', seconds)
                      : trans._n('%1 minute', '%1 minutes', seconds / 60)}
                  </option>
                ))}
              </select>
            </label>
          </div>
        )}
        <CostBox
          size={chosen}
          min={isCluster ? form.min : 1}
          max={isCluster ? form.max : 1}
          isLowPriority={isCluster && form.isLowPriority}
          note={props.note}
          trans={trans}
        />
      </div>
      <div className="foot">
        {trouble ? (
          <span className="s grow" role="status">
            {trouble}
          </span>
        ) : (
          <CommandLine text={magicOf(spec)} trans={trans} />
        )}
        <button type="button" className="btn" onClick={() => close(null)}>
          {trans.__('Cancel')}
        </button>
        <button
          type="submit"
          className="btn accept"
          disabled={Boolean(trouble)}
        >
          {isCluster ? trans.__('Create cluster') : trans.__('Create machine')}
        </button>
      </div>
    </form>
  );
}

function specOf(form: IForm): NewCompute {
  const { name, size } = form;
  return form.type === 'computeinstance'
    ? { type: form.type, name, size }
    : {
        type: form.type,
        name,
        size,
        minInstances: form.min,
        maxInstances: form.max,
        idleTimeBeforeScaleDown: form.idleSeconds,
        tier: form.isLowPriority ? 'low_priority' : 'dedicated'
      };
}

/** The same as a line to type. Options that have their default are left out. */
export function magicOf(spec: NewCompute): string {
  const words = [`%aml compute create ${spec.name}`];
  if (spec.type === 'computeinstance') {
    words.push('--type computeinstance');
  }
  words.push(`--size ${spec.size}`);
  if (spec.type === 'amlcompute') {
    if (spec.minInstances) {
      words.push(`--min-instances ${spec.minInstances}`);
    }
    words.push(`--max-instances ${spec.maxInstances ?? 1}`);
    if (spec.idleTimeBeforeScaleDown !== 120) {
      words.push(
        `--idle-time-before-scale-down ${spec.idleTimeBeforeScaleDown}`
      );
    }
    if (spec.tier === 'low_priority') {
      words.push('--tier low_priority');
    }
  }
  return words.join(' ');
}

function troubleOf(
  form: IForm,
  taken: ReadonlySet<string>,
  size: VmSize | undefined,
  trans: TranslationBundle
): string {
  if (taken.has(form.name)) {
    return trans.__('%1 exists already.', form.name);
  }
  if (!isComputeName(form.name)) {
    return trans.__(
      'A name has 3 to 24 letters, digits and dashes, first a letter, and does not end in a dash and a number.'
    );
  }
  return size?.available ? '' : trans.__('Choose a size.');
}

function Choice<T extends string>(props: {
  legend: string;
  name: string;
  value: T;
  options: readonly (readonly [T, string])[];
  onChange(value: T): void;
}): JSX.Element {
  return (
    <fieldset className="field">
      <legend>{props.legend}</legend>
      <span className="radios">
        {props.options.map(([value, label]) => (
          <label key={value}>
            <input
              type="radio"
              name={props.name}
              checked={props.value === value}
              onChange={() => props.onChange(value)}
            />
            {label}
          </label>
        ))}
      </span>
    </fieldset>
  );
}

function NumberField(props: {
  label: string;
  value: number;
  min: number;
  onChange(value: number): void;
}): JSX.Element {
  return (
    <label className="field">
      <span>{props.label}</span>
      <input
        type="number"
        min={props.min}
        max={100}
        value={props.value}
        onChange={event => {
          const value = Math.round(Number(event.target.value));
          props.onChange(Math.max(props.min, Math.min(100, value)));
        }}
      />
    </label>
  );
}
