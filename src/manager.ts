import { Asks } from './asks';
import type { Change, Feed } from './feed';
import type { ApiError } from './request';
import { IManagerOptions, Synced } from './synced';
import { Asked, IAmlManager, IDraft } from './tokens';
import type {
  JobSummary,
  NewCompute,
  Preferences,
  UpdateCompute
} from './wire';

/** What is known of the workspace, and everything that can be asked of it. */
export class AmlManager extends Synced implements IAmlManager {
  constructor(options: IManagerOptions) {
    super(options);
    this._asks = new Asks(
      () => this._touch(),
      (error, what) => this._onRefused(error, what)
    );
  }

  get drafts(): ReadonlyMap<string, IDraft> {
    return this._asks.drafts;
  }

  askedOf(key: string): Asked | null {
    return this._asks.asked(key);
  }

  problemOf(key: string): ApiError | null {
    return this._asks.problem(key);
  }

  dismissProblem(key: string): void {
    this._asks.dismissProblem(key);
  }

  dismissDraft(name: string): void {
    this._asks.dismissDraft(name);
  }

  ask(key: string, asked: Asked, action: () => Promise<void>): Promise<void> {
    return this._asks.run(key, asked, action);
  }

  createCompute(spec: NewCompute): Promise<void> {
    return this._asks.create(spec, () =>
      this._putAnswer('compute', spec.name, () =>
        this.call('compute.create', { body: spec })
      )
    );
  }

  updateCompute(name: string, body: UpdateCompute): Promise<void> {
    return this._onCompute(name, 'update', () =>
      this.call('compute.update', { name, body })
    );
  }

  startCompute(name: string): Promise<void> {
    return this._onCompute(name, 'start', () =>
      this.call('compute.start', { name })
    );
  }

  stopCompute(name: string): Promise<void> {
    return this._onCompute(name, 'stop', () =>
      this.call('compute.stop', { name })
    );
  }

  restartCompute(name: string): Promise<void> {
    return this._onCompute(name, 'start', () =>
      this.call('compute.restart', { name })
    );
  }

  evictNodes(name: string): Promise<void> {
    return this._onCompute(name, 'stop', () =>
      this.call('compute.evict', { name, body: {} })
    );
  }

  deleteCompute(name: string): Promise<void> {
    return this._onCompute(name, 'delete', () =>
      this.call('compute.delete', { name })
    );
  }

  detachCompute(name: string): Promise<void> {
    return this._onCompute(name, 'delete', () =>
      this.call('compute.detach', { name })
    );
  }

  cancelJob(name: string): Promise<void> {
    return this._onJob(name, 'cancel', 'jobs.cancel');
  }

  archiveJob(name: string): Promise<void> {
    return this._onJob(name, 'archive', 'jobs.archive');
  }

  endSession(name: string): Promise<void> {
    return this._asks.run(`session/${name}`, 'stop', async () => {
      await this.call('sessions.delete', { name });
    });
  }

  useWorkspace(name: string): Promise<void> {
    return this._asks.run('workspace', 'update', async () => {
      await this.call('workspaces.use', { body: { name } });
      await this._reload();
    });
  }

  setPreferences(change: Partial<Preferences>): Promise<void> {
    return this._asks.run('preferences', 'update', async () => {
      const before = (await this.call('preferences.get', {})) as Preferences;
      const body = { ...before, ...change };
      await this._putAnswer('preferences', '', () =>
        this.call('preferences.update', { body })
      );
    });
  }

  buildEnvironment(name: string, version: string): Promise<void> {
    return this._onEnvironment(name, version, 'environments.build');
  }

  cancelBuild(name: string, version: string): Promise<void> {
    return this._onEnvironment(name, version, 'environments.cancel');
  }

  async stopService(): Promise<void> {
    await this._asks.run('service', 'stop', async () => {
      await this.call('service.stop', { body: { force: true } });
    });
  }

  protected _onChange(feed: Feed, change: Change): void {
    super._onChange(feed, change);
    if (change.noun === 'compute') {
      this._asks.drafts.delete(change.name);
    }
  }

  private _onCompute(
    name: string,
    asked: Asked,
    request: () => Promise<unknown>
  ): Promise<void> {
    return this._asks.run(`compute/${name}`, asked, () =>
      this._putAnswer('compute', name, request)
    );
  }

  private _onJob(
    name: string,
    asked: Asked,
    operation: 'jobs.cancel' | 'jobs.archive'
  ): Promise<void> {
    return this._asks.run(`job/${name}`, asked, () =>
      this._putAnswer('job', name, () => this.call(operation, { name }))
    );
  }

  private _onEnvironment(
    name: string,
    version: string,
    operation: 'environments.build' | 'environments.cancel'
  ): Promise<void> {
    const key = version ? `${name}:${version}` : name;
    return this._asks.run(`environment/${key}`, 'start', () =>
      this._putAnswer('environment', key, () =>
        this.call(operation, { name, version })
      )
    );
  }

  private _onRefused(error: ApiError, what: string): void {
    this._announced.emit(
      what
        ? this._trans.__('%1 failed: %2', what, error.message)
        : error.message
    );
    if (error.status === 403) {
      void this._readRights();
    }
  }

  private _asks: Asks;
}

/** The jobs that a stop or delete of this compute would cancel. */
export function jobsOn(
  manager: Pick<IAmlManager, 'activeJobs'>,
  compute: string
): JobSummary[] {
  return manager.activeJobs.filter(job => job.compute === compute);
}
