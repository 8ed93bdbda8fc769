import type { operations, paths } from './api';

/** The operations that the screens call. Their paths are those of `paths`, without the version. */
type Method = 'GET' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
type Path = keyof paths extends infer P
  ? P extends `/v1${infer Rest}`
    ? Rest
    : never
  : never;

export const API_VERSION = '/v1';

export const ROUTES = {
  'service.status': ['GET', '/service'],
  'service.stop': ['POST', '/service/stop'],
  'preferences.get': ['GET', '/preferences'],
  'preferences.update': ['PUT', '/preferences'],
  'workspaces.list': ['GET', '/workspaces'],
  'workspaces.use': ['POST', '/workspaces/use'],
  'costs.summary': ['GET', '/costs'],
  'compute.list': ['GET', '/compute'],
  'compute.create': ['POST', '/compute'],
  'compute.update': ['PATCH', '/compute/{name}'],
  'compute.delete': ['DELETE', '/compute/{name}'],
  'compute.detach': ['POST', '/compute/{name}/detach'],
  'compute.start': ['POST', '/compute/{name}/start'],
  'compute.stop': ['POST', '/compute/{name}/stop'],
  'compute.restart': ['POST', '/compute/{name}/restart'],
  'compute.evict': ['POST', '/compute/{name}/evict'],
  'compute.nodes': ['GET', '/compute/{name}/nodes'],
  'compute.sizes': ['GET', '/sizes'],
  'compute.usage': ['GET', '/usage'],
  'compute.waits': ['GET', '/waits'],
  'jobs.create': ['POST', '/jobs'],
  'jobs.history': ['GET', '/jobs/{name}/history'],
  'jobs.files': ['GET', '/jobs/{name}/files'],
  'jobs.metrics': ['GET', '/jobs/{name}/metrics'],
  'jobs.preflight': ['POST', '/jobs/preflight'],
  'jobs.trials': ['GET', '/jobs/{name}/trials'],
  'jobs.steps': ['GET', '/jobs/{name}/steps'],
  'jobs.list': ['GET', '/jobs'],
  'jobs.get': ['GET', '/jobs/{name}'],
  'jobs.wait': ['GET', '/jobs/{name}/wait'],
  'jobs.cancel': ['POST', '/jobs/{name}/cancel'],
  'jobs.archive': ['POST', '/jobs/{name}/archive'],
  'environments.list': ['GET', '/environments'],
  'environments.create': ['POST', '/environments'],
  'environments.build': ['POST', '/environments/{name}/build'],
  'environments.cancel': ['POST', '/environments/{name}/cancel'],
  'environments.log': ['GET', '/environments/{name}/log'],
  'environments.archive': ['POST', '/environments/{name}/archive'],
  'models.list': ['GET', '/models'],
  'models.get': ['GET', '/models/{name}'],
  'models.files': ['GET', '/models/{name}/files'],
  'data.list': ['GET', '/data'],
  'data.get': ['GET', '/data/{name}'],
  'data.browse': ['GET', '/data/{name}/files'],
  'data.preview': ['GET', '/data/{name}/preview'],
  'online_endpoints.list': ['GET', '/online-endpoints'],
  'online_endpoints.create': ['POST', '/online-endpoints'],
  'online_endpoints.update': ['PATCH', '/online-endpoints/{name}'],
  'online_endpoints.delete': ['DELETE', '/online-endpoints/{name}'],
  'online_endpoints.keys': ['POST', '/online-endpoints/{name}/keys'],
  'online_endpoints.regenerate_key': [
    'POST',
    '/online-endpoints/{name}/regenerate-key'
  ],
  'online_endpoints.invoke': ['POST', '/online-endpoints/{name}/invoke'],
  'online_endpoints.traffic': ['GET', '/online-endpoints/{name}/traffic'],
  'online_endpoints.rollout': ['POST', '/online-endpoints/{name}/rollout'],
  'online_endpoints.cancel_rollout': [
    'POST',
    '/online-endpoints/{name}/cancel-rollout'
  ],
  'online_deployments.list': [
    'GET',
    '/online-endpoints/{endpoint}/deployments'
  ],
  'online_deployments.create': [
    'POST',
    '/online-endpoints/{endpoint}/deployments'
  ],
  'online_deployments.rehearse': ['POST', '/online-deployments/rehearse'],
  'online_deployments.delete': [
    'DELETE',
    '/online-endpoints/{endpoint}/deployments/{name}'
  ],
  'online_deployments.logs': [
    'GET',
    '/online-endpoints/{endpoint}/deployments/{name}/logs'
  ],
  'batch_endpoints.list': ['GET', '/batch-endpoints'],
  'batch_endpoints.delete': ['DELETE', '/batch-endpoints/{name}'],
  'batch_deployments.list': ['GET', '/batch-endpoints/{endpoint}/deployments'],
  'schedules.list': ['GET', '/schedules'],
  'schedules.create': ['POST', '/schedules'],
  'schedules.preview': ['POST', '/schedules/preview'],
  'schedules.enable': ['POST', '/schedules/{name}/enable'],
  'schedules.disable': ['POST', '/schedules/{name}/disable'],
  'schedules.trigger': ['POST', '/schedules/{name}/trigger'],
  'schedules.delete': ['DELETE', '/schedules/{name}'],
  'cells.get': ['GET', '/cells'],
  'sessions.list': ['GET', '/sessions'],
  'sessions.delete': ['DELETE', '/sessions/{name}']
} as const satisfies Partial<Record<keyof operations, readonly [Method, Path]>>;

export type Operation = keyof typeof ROUTES;
