import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { idleChoices, IComputeForm, shutdownChoices } from '../computeform';
import { NumberField, TimeField } from './choice';

/** How many nodes, and when they leave; of a machine, when it stops. */
export function ScaleFields(props: {
  form: IComputeForm;
  /** What it takes of the quota. */
  words: string;
  trans: TranslationBundle;
  set(change: Partial<IComputeForm>): void;
}): JSX.Element {
  const { form, trans, set } = props;
  if (form.type === 'computeinstance') {
    return (
      <div className="aml-fields fx">
        <TimeField
          label={trans.__('Stops when idle for')}
          value={form.idleMinutes}
          choices={shutdownChoices(trans)}
          onChange={idleMinutes => set({ idleMinutes })}
        />
      </div>
    );
  }
  return (
    <div className="aml-fields fx">
      <NumberField
        label={trans.__('Nodes, min')}
        value={form.min}
        min={0}
        max={100}
        onChange={min => set({ min, max: Math.max(min, form.max) })}
      />
      <NumberField
        label={trans.__('Nodes, max')}
        value={form.max}
        min={1}
        max={100}
        onChange={max => set({ max, min: Math.min(max, form.min) })}
      />
      <TimeField
        label={trans.__('Leaves when idle')}
        value={form.idleSeconds}
        choices={idleChoices(trans)}
        onChange={idleSeconds => set({ idleSeconds })}
      />
      {props.words && (
        <p className="s full" role="status">
          {props.words}
        </p>
      )}
    </div>
  );
}
