import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { changeOf, IComputeForm } from '../computeform';
import { updateTwins } from '../twins';
import type { UpdateCompute } from '../wire';
import { sizeName } from '../words';
import { CopyAs } from './copyas';
import { CostBox } from './costbox';
import { Form } from './form';
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
    <Form
      title={trans.__('Edit %1', form.name)}
      aside={sizeName(form.size)}
      trouble={isSame ? trans.__('Nothing is changed.') : ''}
      action={trans.__('Change %1', form.name)}
      twins={<CopyAs twins={updateTwins(form.name, change)} trans={trans} />}
      trans={trans}
      onSubmit={() => close(change)}
      onCancel={() => close(null)}
    >
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
    </Form>
  );
}
