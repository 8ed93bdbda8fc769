import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { ISizeFilter } from '../sizes';

const MEMORY_CHOICES = [0, 8, 16, 64, 256];

export function SizeFilter(props: {
  filter: ISizeFilter;
  shown: number;
  total: number;
  trans: TranslationBundle;
  onChange(filter: ISizeFilter): void;
}): JSX.Element {
  const { filter, trans } = props;
  const set = (change: Partial<ISizeFilter>) =>
    props.onChange({ ...filter, ...change });
  const kinds = [
    ['all', trans.__('All')],
    ['cpu', trans.__('CPU')],
    ['gpu', trans.__('GPU')]
  ] as const;
  return (
    <div className="fx aml-filter">
      <input
        type="search"
        data-autofocus
        value={filter.text}
        placeholder={trans.__('Name, GPU or “16 cores”')}
        aria-label={trans.__('Search sizes')}
        onChange={event => set({ text: event.target.value })}
      />
      <span className="radios">
        {kinds.map(([kind, label]) => (
          <label key={kind}>
            <input
              type="radio"
              name="aml-hardware"
              checked={filter.kind === kind}
              onChange={() => set({ kind })}
            />
            {label}
          </label>
        ))}
      </span>
      <label className="fx4">
        {trans.__('Memory')}
        <select
          value={filter.memoryGb}
          onChange={event => set({ memoryGb: Number(event.target.value) })}
        >
          {MEMORY_CHOICES.map(memory => (
            <option key={memory} value={memory}>
              {memory ? trans.__('at least %1 GB', memory) : trans.__('any')}
            </option>
          ))}
        </select>
      </label>
      <label className="chk">
        <input
          type="checkbox"
          checked={filter.onlyAvailable}
          onChange={event => set({ onlyAvailable: event.target.checked })}
        />
        {trans.__('Only what I can have')}
      </label>
      <span className="grow" />
      <span className="s" role="status">
        {trans.__('%1 of %2 sizes', props.shown, props.total)}
      </span>
    </div>
  );
}
