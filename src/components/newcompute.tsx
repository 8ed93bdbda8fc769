/** The form of a compute: a name, a kind, a size from the list with its price, how many. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { IComputeForm, scaleWords, specOf, troubleOf } from '../computeform';
import {
  filterSizes,
  IQuota,
  IRecommendation,
  isComputeName,
  ISizeFilter,
  orderSizes,
  quotaOf
} from '../sizes';
import { createTwins } from '../twins';
import type {
  CostSummary,
  NewCompute,
  UsualStart,
  Usage,
  VmSize
} from '../wire';
import { Choice } from './choice';
import { CopyAs } from './copyas';
import { CostBox } from './costbox';
import { Form } from './form';
import { ScaleFields } from './scalefields';
import { SizeFilter } from './sizefilter';
import { SizeTable } from './sizetable';

/** Everything that the list of sizes says, read when it is opened. */
export interface ISizeFacts {
  sizes: readonly VmSize[];
  /** The same, by what the quota of low priority leaves. */
  lowPrioritySizes: readonly VmSize[];
  /** How exact the prices are. */
  note: string;
  usage: readonly Usage[];
  starts: readonly UsualStart[];
  recommended: IRecommendation | null;
  costs: CostSummary | null;
  /** What the budget does when it is used up. */
  budgetAction: string;
}

export interface INewComputeProps {
  facts: ISizeFacts;
  begin: IComputeForm;
  filter: ISizeFilter;
  taken: ReadonlySet<string>;
  /** Its name, and where it is. */
  workspace: string;
  trans: TranslationBundle;
  /** How to get more of what a size lacks. */
  onAskQuota(quota: IQuota, size: VmSize): void;
  close(spec: NewCompute | null): void;
}

export function NewComputeForm(props: INewComputeProps): JSX.Element {
  const { facts, trans, taken, close } = props;
  const [filter, setFilter] = React.useState<ISizeFilter>(props.filter);
  const [form, setForm] = React.useState<IComputeForm>(props.begin);
  const set = (change: Partial<IComputeForm>) =>
    setForm({ ...form, ...change });
  const isCluster = form.type === 'amlcompute';
  const isLow = isCluster && form.isLowPriority;
  const sizes = isLow ? facts.lowPrioritySizes : facts.sizes;
  const all = React.useMemo(() => orderSizes(sizes), [sizes]);
  const fitting = all.filter(size =>
    size.supportedComputeTypes.includes(form.type)
  );
  const shown = filterSizes(fitting, filter);
  const chosen = all.find(size => size.name === form.size);
  const quota = chosen ? quotaOf(chosen, isLow, facts.usage) : null;
  const trouble = troubleOf(form, chosen, quota, taken, trans);
  const spec = specOf(form);
  const commit = () => {
    if (!trouble) {
      close(spec);
    }
  };
  return (
    <Form
      title={isCluster ? trans.__('New cluster') : trans.__('New instance')}
      aside={props.workspace}
      trouble={trouble}
      action={
        isCluster ? trans.__('Create cluster') : trans.__('Create instance')
      }
      twins={<CopyAs twins={createTwins(spec)} trans={trans} />}
      trans={trans}
      onKeyDown={searchOnSlash}
      onSubmit={commit}
      onCancel={() => close(null)}
    >
      <KindFields form={form} taken={taken} trans={trans} set={set} />
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
        isLowPriority={isLow}
        facts={facts}
        trans={trans}
        onSelect={size => set({ size })}
        onCommit={commit}
        onAskQuota={props.onAskQuota}
      />
      <div className="aml-scale">
        <ScaleFields
          form={form}
          words={scaleWords(form, chosen, quota, trans)}
          trans={trans}
          set={set}
        />
        <CostBox
          size={chosen}
          min={isCluster ? form.min : 1}
          max={isCluster ? form.max : 1}
          isLowPriority={isLow}
          facts={facts}
          trans={trans}
        />
      </div>
    </Form>
  );
}

function searchOnSlash(event: React.KeyboardEvent): void {
  if (event.key === '/' && !(event.target instanceof HTMLInputElement)) {
    event.preventDefault();
    const form = event.currentTarget as HTMLElement;
    form.querySelector<HTMLElement>('input[type=search]')?.focus();
  }
}

function KindFields(props: {
  form: IComputeForm;
  taken: ReadonlySet<string>;
  trans: TranslationBundle;
  set(change: Partial<IComputeForm>): void;
}): JSX.Element {
  const { form, taken, trans, set } = props;
  return (
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
      {form.type === 'amlcompute' && (
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
  );
}
