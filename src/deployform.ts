/** What the deploy dialog asks for, and what is wrong with it. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type {
  Model,
  NewDeployment,
  OnlineDeployment,
  OnlineEndpoint
} from './wire';

/** How a new deployment begins: watched, unseen, or at once. */
export type Start = 'rollout' | 'none' | 'all';

export interface IDeployForm {
  model: string;
  endpoint: string;
  /** The endpoint is made too. */
  isNew: boolean;
  name: string;
  size: string;
  /** "name:version"; empty: the Python that the model was saved with. */
  environment: string;
  /** The path of the script with init() and run(); empty: none. */
  script: string;
  min: number;
  max: number;
  start: Start;
}

/** Managed online endpoints begin with this size in Azure's own examples. */
export const DEFAULT_SIZE = 'Standard_DS3_v2';

const NAME = /^[a-zA-Z](?!.*--)[a-zA-Z0-9-]{1,30}[a-zA-Z0-9]$/;
const COLOURS = ['blue', 'green', 'red', 'teal', 'amber', 'violet'];

export function newDeployForm(
  model: Model,
  endpoint: OnlineEndpoint | null,
  deployments: readonly OnlineDeployment[]
): IDeployForm {
  return {
    model: `${model.name}:${model.version}`,
    endpoint: endpoint?.name ?? endpointNameOf(model.name),
    isNew: endpoint === null,
    name: freeColour(deployments.map(one => one.name)),
    size: deployments[0]?.spec.instanceType || DEFAULT_SIZE,
    environment: '',
    script: '',
    min: 1,
    max: 1,
    start: isServing(endpoint) ? 'rollout' : 'all'
  };
}

/** Whether somebody answers there now, so that a new deployment could take over step by step. */
export function isServing(endpoint: OnlineEndpoint | null): boolean {
  return Object.values(endpoint?.traffic ?? {}).some(percent => percent > 0);
}

export function freeColour(taken: readonly string[]): string {
  const free = COLOURS.find(one => !taken.includes(one));
  return free ?? `v${taken.length + 1}x`;
}

/** A model's name, as far as an endpoint may have it. */
function endpointNameOf(model: string): string {
  const name = model
    .replace(/[^a-zA-Z0-9]+/g, '-')
    .replace(/^[^a-zA-Z]+|-+$/g, '')
    .slice(0, 32);
  return NAME.test(name) ? name : `${name || 'model'}-endpoint`;
}

/** Nobody but its owner knows how such a model is loaded and asked. */
export function needsScript(model: Pick<Model, 'type' | 'flavors'>): boolean {
  return (
    model.type !== 'mlflow_model' &&
    !('python_object' in model.flavors) &&
    !('python_function' in model.flavors)
  );
}

/** Why it cannot be deployed like this; empty when it can. */
export function deployTrouble(
  form: IDeployForm,
  endpoints: readonly OnlineEndpoint[],
  taken: readonly string[],
  trans: TranslationBundle
): string {
  const rule = trans.__(
    '3 to 32 letters, digits and single dashes, first a letter'
  );
  if (!NAME.test(form.endpoint)) {
    return trans.__('Endpoint name: %1', rule);
  }
  if (form.isNew && endpoints.some(one => one.name === form.endpoint)) {
    return trans.__('There is an endpoint %1 already', form.endpoint);
  }
  if (!NAME.test(form.name)) {
    return trans.__('Deployment name: %1', rule);
  }
  if (!form.isNew && taken.includes(form.name)) {
    return trans.__('%1 has a deployment %2 already', form.endpoint, form.name);
  }
  if (form.script && !/^[/~].*\.py$/.test(form.script)) {
    return trans.__('Script: the whole path of a .py file, /home/me/score.py');
  }
  if (form.max < 1 || form.max > 50 || form.min < 0) {
    return trans.__('Instances: at least 0, at most 50');
  }
  return form.min > form.max
    ? trans.__('At least %1 is more than at most %2', form.min, form.max)
    : '';
}

/** As the service is asked for it. A script lies in a folder, all of which goes along. */
export function deploymentOf(form: IDeployForm): NewDeployment {
  const [, folder = '', file = ''] =
    /^(.*?)\/*([^/]*)$/.exec(form.script) ?? [];
  return {
    name: form.name,
    endpointName: form.endpoint,
    model: `azureml:${form.model}`,
    instanceType: form.size,
    ...(form.environment && { environment: form.environment }),
    ...(file && { code: folder || '/', scoringScript: file }),
    scaleSettings: { minInstances: form.min, maxInstances: form.max }
  };
}
