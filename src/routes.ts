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
  'preferences.get': ['GET', '/preferences'],
  'workspaces.list': ['GET', '/workspaces'],
  'compute.list': ['GET', '/compute'],
  'compute.create': ['POST', '/compute'],
  'compute.delete': ['DELETE', '/compute/{name}'],
  'compute.start': ['POST', '/compute/{name}/start'],
  'compute.stop': ['POST', '/compute/{name}/stop'],
  'compute.restart': ['POST', '/compute/{name}/restart'],
  'compute.nodes': ['GET', '/compute/{name}/nodes'],
  'compute.sizes': ['GET', '/sizes'],
  'compute.usage': ['GET', '/usage'],
  'jobs.list': ['GET', '/jobs'],
  'jobs.get': ['GET', '/jobs/{name}'],
  'jobs.cancel': ['POST', '/jobs/{name}/cancel'],
  'jobs.archive': ['POST', '/jobs/{name}/archive'],
  'cells.get': ['GET', '/cells'],
  'sessions.list': ['GET', '/sessions'],
  'sessions.delete': ['DELETE', '/sessions/{name}']
} as const satisfies Partial<Record<keyof operations, readonly [Method, Path]>>;

export type Operation = keyof typeof ROUTES;
