import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { changeOf, IComputeForm } from '../computeform';
import { updateTwins } from '../twins';
import type { UpdateCompute } from '../wire';
import { sizeName } from '../words';
import { IconButton } from './controls';
import { CopyAs } from './copyas';
import { CostBox } from './costbox';
import type { ISizeFacts } from './newcompute';
import { ScaleFields } from './scalefields';

/** The form of a compute that is there: how many nodes, when they leave, what that costs. */
export function EditComputeForm(props: {
  before: IComputeForm;
  facts: ISizeFacts;
  trans: TranslationBundle;
  close(change: UpdateCompute | null): void;
}): JSX.Element {
  const { before, facts, trans, close } = props;
  const [form, setForm] = React.useState(before);
  const set = (change: Partial<IComputeForm>) =>
    setForm({ ...form, ...change });
  const isCluster = form.type === 'amlcompute';
  const size = facts.sizes.find(one => one.name === form.size);
  const change = changeOf(form, before);
  const isSame = Object.keys(change).length === 0;
  return (
    <form
      className="aml-form"
      onSubmit={event => {
        event.preventDefault();
        if (!isSame) {
          close(change);
        }
      }}
    >
      <h2>
        {trans.__('Edit %1', form.name)}
        <span className="grow" />
        <span className="s">{sizeName(form.size)}</span>
        <IconButton
          glyph="close"
          label={trans.__('Close')}
          onClick={() => close(null)}
        />
      </h2>
      <div className="aml-scale">
        <ScaleFields form={form} words="" trans={trans} set={set} />
        <CostBox
          size={size}
          min={isCluster ? form.min : 1}
          max={isCluster ? form.max : 1}
          isLowPriority={form.isLowPriority}
          facts={facts}
          trans={trans}
        />
      </div>
      <div className="foot">
        {isSame ? (
          <span className="s grow">{trans.__('Nothing is changed.')}</span>
        ) : (
          <CopyAs twins={updateTwins(form.name, change)} trans={trans} />
        )}
        <button type="button" className="btn" onClick={() => close(null)}>
          {trans.__('Cancel')}
        </button>
        <button type="submit" className="btn accept" disabled={isSame}>
          {trans.__('Change %1', form.name)}
        </button>
      </div>
    </form>
  );
}
