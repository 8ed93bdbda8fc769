import { ISignal, Signal } from '@lumino/signaling';
import {
  activeJobs,
  emptyStore,
  IStore,
  newestFirst,
  newestVersions
} from './store';
import type {
  BatchDeployment,
  BatchEndpoint,
  Compute,
  CostSummary,
  Data,
  Environment,
  JobSummary,
  Model,
  Node,
  Notice,
  OnlineDeployment,
  OnlineEndpoint,
  Preferences,
  Schedule,
  Session,
  UsualStart,
  Workspace
} from './wire';

/** What the tab knows of the workspace, and the signals that it has changed. */
export abstract class Known {
  get workspaces(): readonly Workspace[] {
    return this._workspaces;
  }
  get workspace(): Workspace | null {
    return this._workspace;
  }
  get jobs(): readonly JobSummary[] {
    return (this._jobRows ??= newestFirst(this._store.jobs.values()));
  }
  get activeJobs(): readonly JobSummary[] {
    return (this._activeRows ??= activeJobs(this.jobs));
  }
  get computes(): readonly Compute[] {
    return Array.from(this._store.computes.values());
  }
  get sessions(): readonly Session[] {
    return Array.from(this._store.sessions.values());
  }
  get environments(): readonly Environment[] {
    return Array.from(this._store.environments.values());
  }
  get models(): readonly Model[] {
    return newestVersions(this._store.models.values());
  }
  get data(): readonly Data[] {
    return newestVersions(this._store.data.values());
  }
  get endpoints(): readonly OnlineEndpoint[] {
    return Array.from(this._store.endpoints.values());
  }
  get batchEndpoints(): readonly BatchEndpoint[] {
    return Array.from(this._store.batchEndpoints.values());
  }
  get schedules(): readonly Schedule[] {
    return Array.from(this._store.schedules.values());
  }
  get notices(): readonly Notice[] {
    return Array.from(this._store.notices.values());
  }
  get starts(): readonly UsualStart[] {
    return this._store.starts;
  }
  get pricesPerHour(): ReadonlyMap<string, number> {
    return this._store.prices;
  }
  get costs(): CostSummary | null {
    return this._store.costs;
  }
  get preferences(): Preferences | null {
    return this._store.preferences;
  }
  get defaultCompute(): string {
    return this._store.preferences?.defaultCompute ?? 'local';
  }
  get isReady(): boolean {
    return this._isReady;
  }
  get changed(): ISignal<this, void> {
    return this._changed;
  }
  get announced(): ISignal<this, string> {
    return this._announced;
  }
  get jobEnded(): ISignal<this, JobSummary> {
    return this._jobEnded;
  }
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Signal.clearData(this);
  }

  nodesOf(compute: string): readonly Node[] {
    return Array.from(this._store.nodes.values()).filter(
      node => node.compute === compute
    );
  }

  deploymentsOf(endpoint: string): readonly OnlineDeployment[] {
    return Array.from(this._store.deployments.values()).filter(
      one => one.endpointName === endpoint
    );
  }

  batchDeploymentsOf(endpoint: string): readonly BatchDeployment[] {
    return Array.from(this._store.batchDeployments.values()).filter(
      one => one.endpointName === endpoint
    );
  }

  jobNamed(name: string): JobSummary | null {
    return this._store.jobs.get(name) ?? null;
  }

  partsOf(parent: string): readonly JobSummary[] {
    return Array.from(this._store.jobs.values()).filter(
      job => job.parent === parent
    );
  }

  protected _storeChanged(): void {
    this._jobRows = null;
    this._activeRows = null;
    this._touch();
  }

  /** Tell the screens, once for all changes of a frame; a hidden page draws none. */
  protected _touch(): void {
    if (this._frame || this._isDisposed) {
      return;
    }
    this._frame = requestAnimationFrame(() => {
      this._frame = 0;
      this._changed.emit();
    });
  }

  protected _workspaces: Workspace[] = [];
  protected _workspace: Workspace | null = null;
  protected _store: IStore = emptyStore();
  protected _isReady = false;
  protected _announced = new Signal<this, string>(this);
  protected _jobEnded = new Signal<this, JobSummary>(this);
  private _jobRows: JobSummary[] | null = null;
  private _activeRows: JobSummary[] | null = null;
  private _isDisposed = false;
  private _frame = 0;
  private _changed = new Signal<this, void>(this);
}
