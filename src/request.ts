import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import type { operations } from './api';
import { API_VERSION, Operation, ROUTES } from './routes';
import type { ErrorBody } from './wire';

/** URL namespace of the server extension. */
export const NAMESPACE = 'jupyter-aml';

/** Codes that no service sends: what went wrong before one was reached. */
export type LocalCode = 'ServerPartMissing' | 'SignedOut' | 'Unreachable';

export type ErrorCode = ErrorBody['code'] | LocalCode;

type AnyBody = Omit<ErrorBody, 'code'> & { code: ErrorCode };

/** A refusal or failure as one object for every surface: what, where, how to fix, raw. */
export class ApiError extends Error {
  readonly code: ErrorCode;
  readonly target: string;
  readonly hint: string;
  readonly details: readonly string[];
  readonly status: number;

  constructor(body: AnyBody, status = 0) {
    super(body.message);
    this.name = 'ApiError';
    this.code = body.code;
    this.target = body.target ?? '';
    this.hint = body.hint ?? '';
    this.details = body.details ?? [];
    this.status = status;
  }

  /** Anything thrown, as an `ApiError`. */
  static from(reason: unknown): ApiError {
    if (reason instanceof ApiError) {
      return reason;
    }
    const message = reason instanceof Error ? reason.message : String(reason);
    return new ApiError({ code: 'Internal', message });
  }
}

type PathOf<O extends Operation> = operations[O] extends {
  parameters: { path: infer P };
}
  ? P
  : unknown;
type QueryOf<O extends Operation> = operations[O] extends {
  parameters: { query?: infer Q };
}
  ? Q extends object
    ? Q
    : unknown
  : unknown;
type BodyOf<O extends Operation> = operations[O] extends {
  requestBody: { content: { 'application/json': infer B } };
}
  ? { body: B }
  : unknown;

/** Path fields, query fields and `body`, in one object. */
export type Args<O extends Operation> = PathOf<O> & QueryOf<O> & BodyOf<O>;

export type Answer<O extends Operation> = operations[O] extends {
  responses: { 200: { content: { 'application/json': infer R } } };
}
  ? R
  : void;

/**
 * Call one operation of the service through Jupyter Server.
 *
 * Rejects with an `ApiError`, also when Jupyter Server or its extension cannot be reached.
 */
export async function call<O extends Operation>(
  settings: ServerConnection.ISettings,
  operation: O,
  args: Args<O>
): Promise<Answer<O>> {
  const text = await ask(settings, operation, args as Record<string, unknown>);
  return (text ? JSON.parse(text) : undefined) as Answer<O>;
}

/** Call an operation that answers with lines of JSON; those that it has sent when it ends. */
export async function callLines<T>(
  settings: ServerConnection.ISettings,
  operation: Operation,
  args: Record<string, unknown>
): Promise<T[]> {
  const text = await ask(settings, operation, args);
  return text
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as T);
}

function ask(
  settings: ServerConnection.ISettings,
  operation: Operation,
  args: Record<string, unknown>
): Promise<string> {
  const [method, template] = ROUTES[operation];
  const { body, ...fields } = args;
  // JupyterLab's default for the cache puts the time into the query, which the service refuses.
  const init: RequestInit = { method, cache: 'no-cache' };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
  }
  return send(settings, `api${API_VERSION}${fillPath(template, fields)}`, init);
}

/** What the server extension knows of the service; asking starts nothing. */
export interface IExtensionStatus {
  /** One that died is started when the feed connects again; one that was stopped is not. */
  state: 'stopped' | 'died' | 'starting' | 'running' | 'failed';
  error: ErrorBody | null;
  /** Whether this user may change anything; an older server part does not say. */
  mayWrite?: boolean;
}

export async function extensionStatus(
  settings: ServerConnection.ISettings
): Promise<IExtensionStatus> {
  const text = await send(settings, 'status', { cache: 'no-cache' });
  return JSON.parse(text) as IExtensionStatus;
}

/** The end of the service's own log, and where the whole of it is. */
export interface IServiceLog {
  path: string;
  text: string;
}

export async function serviceLog(
  settings: ServerConnection.ISettings
): Promise<IServiceLog> {
  const text = await send(settings, 'log', { cache: 'no-cache' });
  return JSON.parse(text) as IServiceLog;
}

async function send(
  settings: ServerConnection.ISettings,
  path: string,
  init: RequestInit
): Promise<string> {
  const url = `${URLExt.join(settings.baseUrl, NAMESPACE)}/${path}`;
  let response: Response;
  try {
    response = await ServerConnection.makeRequest(url, init, settings);
  } catch (reason) {
    throw new ApiError({
      code: 'Unreachable',
      message: reason instanceof Error ? reason.message : String(reason)
    });
  }
  const text = await response.text();
  if (!response.ok) {
    throw readError(response.status, text);
  }
  return text;
}

/** Put path fields in their places; what is left becomes the query. */
export function fillPath(
  template: string,
  fields: Record<string, unknown>
): string {
  const left = { ...fields };
  const path = template.replace(/\{(\w+)\}/g, (_, field: string) => {
    const value = left[field];
    delete left[field];
    return encodeURIComponent(String(value));
  });
  const query = new URLSearchParams();
  for (const [field, value] of Object.entries(left)) {
    if (value !== undefined && value !== null) {
      query.set(field, String(value));
    }
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

/** The error in an answer. A page that is not ours (a proxy's, a login form) is never shown. */
export function readError(status: number, text: string): ApiError {
  try {
    const error = JSON.parse(text)?.error;
    if (error && typeof error.code === 'string') {
      return new ApiError(error, status);
    }
  } catch {
    // Not JSON: one of the cases below.
  }
  if (status === 404) {
    return new ApiError(
      {
        code: 'ServerPartMissing',
        message: 'Jupyter Server does not know jupyter_aml.'
      },
      status
    );
  }
  if (status === 401 || status === 403) {
    return new ApiError(
      { code: 'SignedOut', message: 'Jupyter Server asks for a sign-in.' },
      status
    );
  }
  return new ApiError(
    { code: 'Internal', message: `Jupyter Server answered ${status}.` },
    status
  );
}
