import type { IDisposable } from '@lumino/disposable';
import { ISignal, Signal } from '@lumino/signaling';
import { ApiError } from './request';
import type { IAmlManager } from './tokens';
import type {
  DeploymentTraffic,
  LogLine,
  OnlineDeployment,
  OnlineEndpoint
} from './wire';

const EVERY_MS = 2000;
/** How far back the curves go. */
const SECONDS = 900;
/** Lines of a log that are shown. */
const TAIL = 500;

export interface ILogChoice {
  deployment: string;
  /** Empty: all instances. */
  instance: string;
  kind: 'console' | 'requests';
}

/** One endpoint as its view shows it: its traffic over time and a log, read while it is looked at. */
export class EndpointModel implements IDisposable {
  constructor(name: string, manager: IAmlManager) {
    this.name = name;
    this._manager = manager;
    manager.changed.connect(this._touch, this);
    void this._read();
  }

  readonly name: string;

  get endpoint(): OnlineEndpoint | null {
    return this._manager.endpoints.find(one => one.name === this.name) ?? null;
  }
  get deployments(): readonly OnlineDeployment[] {
    return this._manager.deploymentsOf(this.name);
  }
  get traffic(): readonly DeploymentTraffic[] {
    return this._traffic;
  }
  get logLines(): readonly LogLine[] {
    return this._lines;
  }
  get error(): ApiError | null {
    return this._error;
  }
  get log(): ILogChoice {
    return this._log ?? { deployment: '', instance: '', kind: 'console' };
  }
  get changed(): ISignal<this, void> {
    return this._changed;
  }
  get isDisposed(): boolean {
    return this._isDisposed;
  }

  /** Read another log from now on. */
  chooseLog(choice: ILogChoice): void {
    this._log = choice;
    this._lines = [];
    this._touch();
    void this._readLog();
  }

  dispose(): void {
    this._isDisposed = true;
    window.clearTimeout(this._timer);
    Signal.clearData(this);
  }

  private async _read(): Promise<void> {
    window.clearTimeout(this._timer);
    if (!document.hidden && this._manager.link.kind === 'online') {
      try {
        const args = { name: this.name, seconds: SECONDS };
        const answer = await this._manager.call(
          'online_endpoints.traffic',
          args
        );
        this._traffic = answer.value as DeploymentTraffic[];
        this._error = null;
      } catch (reason) {
        this._error = ApiError.from(reason);
      }
      await this._readLog();
      this._touch();
    }
    if (!this._isDisposed) {
      this._timer = window.setTimeout(() => void this._read(), EVERY_MS);
    }
  }

  private async _readLog(): Promise<void> {
    const first = this.deployments[0];
    const choice =
      this._log ?? (first && { ...this.log, deployment: first.name });
    if (!choice) {
      return;
    }
    this._log = choice;
    try {
      const lines = await this._manager.lines<LogLine>(
        'online_deployments.logs',
        {
          endpoint: this.name,
          name: choice.deployment,
          kind: choice.kind,
          instance: choice.instance,
          tail: TAIL
        }
      );
      if (this._log === choice) {
        this._lines = lines;
        this._touch();
      }
    } catch (reason) {
      // A deployment that is just being made has no log yet; its state says what is wrong.
      console.debug('jupyter-aml: no log of a deployment', reason);
    }
  }

  private _touch(): void {
    if (!this._isDisposed) {
      this._changed.emit();
    }
  }

  private _manager: IAmlManager;
  private _traffic: DeploymentTraffic[] = [];
  private _lines: LogLine[] = [];
  private _log: ILogChoice | null = null;
  private _error: ApiError | null = null;
  private _timer = 0;
  private _isDisposed = false;
  private _changed = new Signal<this, void>(this);
}
