import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { showModal } from './components/modal';
import { NewComputeForm } from './components/newcompute';
import { ErrorMessage } from './components/message';
import { ApiError } from './request';
import type { IAmlManager } from './tokens';
import type { NewCompute, VmSize } from './wire';

/** Ask for a new compute. Null if the person changed their mind. */
export async function createCompute(
  manager: IAmlManager,
  trans: TranslationBundle
): Promise<NewCompute | null> {
  const title = trans.__('New compute');
  const taken = new Set([
    ...manager.computes.map(compute => compute.spec.name),
    ...manager.drafts.keys()
  ]);
  const list = await manager
    .call('compute.sizes', {})
    .catch((reason: unknown) => ApiError.from(reason));
  if (list instanceof ApiError) {
    return showModal<NewCompute>(title, ({ close }) => (
      <div className="aml-form">
        <h2>{title}</h2>
        <ErrorMessage
          error={list}
          trans={trans}
          onDismiss={() => close(null)}
        />
      </div>
    ));
  }
  return showModal<NewCompute>(
    title,
    ({ close }) => (
      <NewComputeForm
        sizes={list.value as VmSize[]}
        note={list.note ?? ''}
        taken={taken}
        workspace={manager.workspace?.name ?? ''}
        trans={trans}
        close={close}
      />
    ),
    'aml-wide'
  );
}
