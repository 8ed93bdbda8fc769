/** A manager over answers by path, for the tests of what it knows and asks. */
import { ServerConnection } from '@jupyterlab/services';
import { nullTranslator } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import type { Change, Feed } from '../feed';
import { AmlManager } from '../manager';

export const JOB = {
  name: 'j',
  status: 'Running',
  createdAt: '2026',
  compute: 'c'
};

/** A path without an answer is refused with 404; an empty one is lost on the way. */
export function make(answers: Record<string, [number, unknown]>) {
  const asked: string[] = [];
  const fetch = async (request: Request) => {
    // The service refuses query fields that it does not know.
    expect(new URL(request.url).search).not.toMatch(/[?&]\d+/);
    const path = new URL(request.url).pathname.replace(/^.*jupyter-aml\//, '');
    const key = `${request.method} ${path.replace('api/v1', '')}`;
    asked.push(key);
    if (key in answers && !answers[key]) {
      throw new TypeError('Failed to fetch');
    }
    const [status, body] = answers[key] ?? [404, 'no'];
    return new Response(
      typeof body === 'string' ? body : JSON.stringify(body),
      { status }
    );
  };
  const feed = {
    retryAt: 5000,
    heardAt: 1,
    isConnected: false,
    connect: jest.fn(),
    rest: jest.fn(),
    dispose: jest.fn(),
    follow: jest.fn()
  };
  const connected = new Signal<object, boolean>(feed);
  const changes = new Signal<object, Change>(feed);
  const settings = ServerConnection.makeSettings({
    baseUrl: 'http://localhost:1/',
    fetch: fetch as unknown as typeof window.fetch
  });
  const manager = new AmlManager({
    settings,
    feed: Object.assign(feed, { connected, changes }) as unknown as Feed,
    trans: nullTranslator.load('')
  });
  const said: string[] = [];
  manager.announced.connect((_, text) => said.push(text));
  return { manager, feed, connected, changes, asked, said };
}

export const UP: Record<string, [number, unknown]> = {
  'GET /workspaces': [
    200,
    { value: [{ name: 'local', kind: 'local' }], current: 'local' }
  ],
  'GET /compute': [
    200,
    { value: [{ spec: { name: 'c', type: 'amlcompute' }, currentNodes: 0 }] }
  ],
  'GET /jobs': [200, { value: [JOB], next: '' }],
  'GET status': [200, { state: 'running', error: null }],
  'GET /sessions': [200, { value: [] }],
  'GET /preferences': [200, { defaultCompute: 'c' }]
};

/** Until everything that was answered has been taken in. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) {
    await Promise.resolve();
    await new Promise(resolve => setTimeout(resolve));
  }
}
