/** The dialogs of endpoints: deploy a model, show the keys, delete. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { confirm } from './components/confirm';
import { DeployDialog } from './components/deploydialog';
import { KeysDialog } from './components/keysdialog';
import { ErrorMessage } from './components/message';
import { showModal } from './components/modal';
import { deploymentOf, IDeployForm, newDeployForm } from './deployform';
import {
  deleteBatchEndpoint,
  deleteEndpoint,
  deploy,
  setTraffic,
  startRollout
} from './endpointactions';
import { ApiError } from './request';
import type { IAmlManager } from './tokens';
import { environmentKey } from './store';
import type { EndpointKeys, Rehearsal, VmSize } from './wire';
import { ratePerHour } from './endpointwords';
import { rate } from './words';

export interface IDeployOptions {
  manager: IAmlManager;
  trans: TranslationBundle;
  /** "name:version"; empty: the newest model. */
  model: string;
  /** Empty: a new endpoint. */
  endpoint: string;
}

/** Ask how a model is to be deployed, and begin with it. The endpoint's name, or null. */
export async function deployModel(
  options: IDeployOptions
): Promise<string | null> {
  const { manager, trans } = options;
  const [name, version] = options.model.split(':');
  const model =
    manager.models.find(one => one.name === name) ?? manager.models[0];
  if (!model) {
    return null;
  }
  const sizes = await manager.call('compute.sizes', {}).catch(() => null);
  const { endpoints, workspace } = manager;
  const endpoint = endpoints.find(one => one.name === options.endpoint) ?? null;
  const begin = newDeployForm(
    version ? { ...model, version } : model,
    endpoint,
    endpoint ? manager.deploymentsOf(endpoint.name) : []
  );
  const form = await showModal<IDeployForm>(
    trans.__('Deploy a model'),
    ({ close }) => (
      <DeployDialog
        facts={{
          models: manager.models,
          endpoints,
          sizes: (sizes?.value ?? []) as VmSize[],
          workspace: [workspace?.name, workspace?.location]
            .filter(Boolean)
            .join(', '),
          environments: manager.environments
            .filter(one => !one.archived)
            .map(environmentKey),
          deploymentsOf: one => manager.deploymentsOf(one),
          rehearse: async deployment =>
            (await manager.call('online_deployments.rehearse', {
              body: { deployment }
            })) as Rehearsal
        }}
        begin={begin}
        trans={trans}
        close={close}
      />
    ),
    'aml-edit'
  );
  if (!form) {
    return null;
  }
  await deploy(manager, deploymentOf(form));
  if (!manager.problemOf(`endpoint/${form.endpoint}`)) {
    void share(form, manager);
  }
  return form.endpoint;
}

/** Once it answers, give it the traffic that was asked for. */
async function share(form: IDeployForm, manager: IAmlManager): Promise<void> {
  if (form.start !== 'none' && (await isReady(form, manager))) {
    await (form.start === 'rollout'
      ? startRollout(manager, form.endpoint, form.name, {})
      : setTraffic(manager, form.endpoint, { [form.name]: 100 }));
  }
}

/** Wait until the deployment answers; false when it fails or is deleted. */
function isReady(form: IDeployForm, manager: IAmlManager): Promise<boolean> {
  return new Promise(resolve => {
    let wasSeen = false;
    const look = () => {
      const found = manager
        .deploymentsOf(form.endpoint)
        .find(one => one.name === form.name);
      wasSeen ||= found !== undefined;
      const isGone = wasSeen && !found;
      if (isGone || (found && found.state !== 'Creating')) {
        manager.changed.disconnect(look);
        resolve(found?.state === 'Succeeded');
      }
    };
    manager.changed.connect(look);
    look();
  });
}

/** Show the keys of an endpoint, and renew them. */
export async function showKeys(
  name: string,
  manager: IAmlManager,
  trans: TranslationBundle
): Promise<void> {
  const title = trans.__('Keys of %1', name);
  let keys: EndpointKeys | ApiError;
  try {
    keys = await manager.call('online_endpoints.keys', { name });
  } catch (reason) {
    keys = ApiError.from(reason);
  }
  await showModal(
    title,
    ({ close }) =>
      keys instanceof ApiError ? (
        <ErrorMessage
          error={keys}
          trans={trans}
          onDismiss={() => close(null)}
        />
      ) : (
        <KeysDialog {...{ name, keys, manager, trans, title, close }} />
      ),
    'aml-edit'
  );
}

export async function askToDelete(
  name: string,
  manager: IAmlManager,
  trans: TranslationBundle
): Promise<void> {
  const deployments = manager.deploymentsOf(name);
  const perHour = ratePerHour(deployments);
  const isSure = await confirm({
    title: trans.__('Delete %1?', name),
    lost: trans._n(
      'Its address stops answering and its keys are gone; %1 deployment is deleted. Models are kept.',
      'Its address stops answering and its keys are gone; %1 deployments are deleted. Models are kept.',
      deployments.length
    ),
    cost: perHour
      ? trans.__('Leaving it on would cost %1 in Azure.', rate(perHour, trans))
      : '',
    keep: trans.__('Keep it'),
    destroy: trans.__('Delete %1', name)
  });
  if (isSure) {
    await deleteEndpoint(manager, name);
  }
}

export async function askToDeleteBatch(
  name: string,
  manager: IAmlManager,
  trans: TranslationBundle
): Promise<void> {
  const count = manager.batchDeploymentsOf(name).length;
  const isSure = await confirm({
    title: trans.__('Delete %1?', name),
    lost: trans._n(
      'It takes no more files; %1 deployment is deleted. Its jobs and models are kept.',
      'It takes no more files; %1 deployments are deleted. Its jobs and models are kept.',
      count
    ),
    cost: '',
    keep: trans.__('Keep it'),
    destroy: trans.__('Delete %1', name)
  });
  if (isSure) {
    await deleteBatchEndpoint(manager, name);
  }
}
