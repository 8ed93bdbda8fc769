/**
 * A service in the test's hands, for states which a real one shows rarely: prices, refusals, a
 * service that has gone. It answers the page's requests before they leave the browser.
 */
import type { Page, WebSocketRoute } from '@playwright/test';
import type { components } from '../../src/api';
import { compute } from './objects';

export {
  AGO,
  cluster,
  compute,
  costs,
  environment,
  job,
  node,
  NOW,
  outOfMemory,
  size,
  story
} from './objects';

type Schemas = components['schemas'];

export class FakeService {
  computes: Schemas['Compute'][] = [
    compute(
      { type: 'local', name: 'local' },
      { state: 'Running', currentNodes: 1 }
    )
  ];
  nodes: Schemas['Node'][] = [];
  jobs: Schemas['JobSummary'][] = [];
  sessions: Schemas['Session'][] = [];
  sizes: Schemas['VmSize'][] = [];
  usage: Schemas['Usage'][] = [];
  starts: Schemas['UsualStart'][] = [];
  waits: Record<string, Schemas['Wait']> = {};
  environments: Schemas['Environment'][] = [];
  /** Null: a service that does not count. */
  costs: Schemas['CostSummary'] | null = null;
  preferences: Partial<Schemas['Preferences']> = { defaultCompute: 'local' };
  /** What the authorizer of Jupyter Server says of this user. */
  mayWrite = true;
  events: Record<string, Schemas['Event'][]> = {};
  wholeJobs: Record<string, Partial<Schemas['Job']>> = {};
  /** Parts of a job's view by path: "NAME/history", "NAME/files". */
  parts: Record<string, unknown> = {};
  /** What is answered at other paths, read or changed: "/models", "/online-endpoints/a/traffic". */
  answers: Record<string, unknown> = {};
  /** What the pre-flight check of a cell answers, from what was asked. */
  preflight: (body: Schemas['CheckJob']) => Partial<Schemas['Preflight']> =
    () => ({});
  /** What a POST or DELETE is refused with, by path. */
  refusals: Record<string, Schemas['ErrorBody']> = {};
  /** Requests that change something: "POST /compute" and their bodies. */
  asked: { request: string; body: unknown }[] = [];
  /** "missing": no server extension. "down": it is there, the service is not. */
  mode: 'up' | 'missing' | 'down' = 'up';

  async install(page: Page): Promise<void> {
    await page.route(/\/jupyter-aml\/(api\/|status)/, async route => {
      const request = route.request();
      const path = new URL(request.url()).pathname.split('/jupyter-aml/')[1];
      if (this.mode === 'missing') {
        await route.fulfill({ status: 404, body: '<html>404</html>' });
        return;
      }
      const [status, body] =
        path === 'status'
          ? this._status()
          : this._answer(
              request.method(),
              path.replace('api/v1', ''),
              request.postDataJSON()
            );
      await route.fulfill({ status, json: body });
    });
    await page.routeWebSocket(/\/jupyter-aml\/feed/, socket => {
      if (this.mode !== 'up') {
        void socket.close({
          code: 4503,
          reason: 'The service is not running.'
        });
        return;
      }
      this._sockets.add(socket);
      socket.onClose(() => this._sockets.delete(socket));
      socket.onMessage(text => this._command(socket, JSON.parse(String(text))));
      this._say(socket, { type: 'hello', version: '0.1.0', feed: 'fake' });
    });
  }

  /** Tell every open page that something is now as given. */
  change(noun: Schemas['Change']['noun'], name: string, object: unknown): void {
    if (noun === 'job' && object) {
      const others = this.jobs.filter(one => one.name !== name);
      this.jobs = [object as Schemas['JobSummary'], ...others];
    }
    for (const socket of this._sockets) {
      this._say(socket, { type: 'change', noun, name, object });
    }
  }

  /** Tell every open page events of a job, as the job writes them. */
  tell(job: string, events: Schemas['Event'][]): void {
    for (const socket of this._sockets) {
      this._say(socket, { type: 'events', job, events });
    }
  }

  /** The service goes away with all its connections. */
  goDown(): void {
    this.mode = 'down';
    for (const socket of Array.from(this._sockets)) {
      void socket.close({
        code: 4000,
        reason: 'The service has ended the feed.'
      });
    }
    this._sockets.clear();
  }

  private _status(): [number, unknown] {
    return this.mode === 'up'
      ? [
          200,
          {
            version: '0.1.0',
            state: 'running',
            mayWrite: this.mayWrite,
            error: null
          }
        ]
      : [
          200,
          {
            version: '0.1.0',
            state: 'failed',
            error: {
              code: 'Unavailable',
              message:
                'It stopped at 12:41 (killed by the system: out of memory).',
              hint: 'Your jobs and their output are on disk.'
            }
          }
        ];
  }

  private _answer(
    method: string,
    path: string,
    body: unknown
  ): [number, unknown] {
    if (path === '/jobs/preflight') {
      const checked = this.preflight(body as Schemas['CheckJob']);
      return [200, { compute: 'local', nodes: 1, problems: [], ...checked }];
    }
    if (method !== 'GET') {
      const request = `${method} ${path}`;
      this.asked.push({ request, body });
      if (!this.mayWrite) {
        const code = 'Forbidden';
        return [403, { error: { code, message: 'You may not.' } }];
      }
      const error = this.refusals[request];
      return error
        ? [409, { error }]
        : [200, this.answers[request] ?? this._changed(request, body)];
    }
    if (path in this.answers) {
      return [200, this.answers[path]];
    }
    const [, noun, name, rest] = path.split('/');
    switch (noun) {
      case 'service':
        return [200, { state: 'running', home: '/home/ana/.jupyter_aml' }];
      case 'workspaces':
        return [200, { value: [this.workspace], current: 'local' }];
      case 'compute':
        return rest === 'nodes'
          ? [200, { nodes: this.nodes.filter(one => one.compute === name) }]
          : [200, { value: this.computes }];
      case 'sizes':
        return [
          200,
          {
            value: this.sizes,
            note: 'List prices, eastus, 18 Jun 2026, approximate.'
          }
        ];
      case 'jobs':
        if (rest === 'wait') {
          return found(this.waits[name]);
        }
        if (rest) {
          return [200, this.parts[`${name}/${rest}`] ?? { value: [] }];
        }
        return name
          ? [200, this._job(name)]
          : [200, { value: this.jobs, next: '' }];
      case 'sessions':
        return [200, { value: this.sessions }];
      case 'usage':
        return [200, { value: this.usage }];
      case 'waits':
        return [200, { value: this.starts }];
      case 'environments':
        return [200, { value: this.environments }];
      case 'costs':
        return found(this.costs);
      case 'preferences':
        return [200, this.preferences];
      default:
        return found(null);
    }
  }

  readonly workspace: Schemas['Workspace'] = {
    name: 'local',
    kind: 'local',
    location: '',
    description: '8 cores, 31 GB, no GPU. Free, no account',
    user: '',
    facets: ['compute', 'jobs']
  };

  private _job(name: string): Schemas['Job'] {
    const row = this.jobs.find(one => one.name === name)!;
    return {
      ...row,
      spec: {
        type: 'cell',
        source: '',
        compute: row.compute,
        displayName: row.displayName,
        notebook: row.notebook,
        experimentName: row.experimentName
      },
      nodes: [],
      lastSeq: this.events[name]?.length ?? 0,
      outputs: {},
      registered: {},
      models: [],
      newFiles: [],
      result: null,
      receipt: null,
      warnings: [],
      ...this.wholeJobs[name]
    } as Schemas['Job'];
  }

  private _changed(request: string, body: unknown): unknown {
    if (request === 'POST /compute') {
      const made = compute(body as Schemas['AmlCompute']);
      this.computes.push(made);
      return made;
    }
    if (request === 'PUT /preferences') {
      this.preferences = body as Schemas['Preferences'];
      return body;
    }
    const name = request.split('/')[2];
    return request.includes('/jobs/')
      ? this.jobs.find(one => one.name === name)
      : this.computes.find(one => one.spec.name === name);
  }

  private _command(
    socket: WebSocketRoute,
    command: { follow?: { job: string; after: number } }
  ): void {
    const { follow } = command;
    if (!follow) {
      return;
    }
    const events = (this.events[follow.job] ?? []).filter(
      event => event.seq > follow.after
    );
    this._say(socket, { type: 'events', job: follow.job, events });
    const row = this.jobs.find(one => one.name === follow.job);
    if (row?.endedAt) {
      this._say(socket, { type: 'end', job: follow.job });
    }
  }

  private _say(socket: WebSocketRoute, line: object): void {
    socket.send(`${JSON.stringify(line)}\n`);
  }

  private _sockets = new Set<WebSocketRoute>();
}

function found(object: unknown): [number, unknown] {
  return object
    ? [200, object]
    : [404, { error: { code: 'NotFound', message: 'Nothing there.' } }];
}
