/**
 * Finds the newest run of a notebook's cell.
 *
 * The service knows runs by "notebook path + cell id". A notebook that was renamed or moved since
 * is told from a copy by this: the file which the run was started from is gone.
 */
import { PageConfig } from '@jupyterlab/coreutils';
import type { DocumentRegistry } from '@jupyterlab/docregistry';
import type { Contents } from '@jupyterlab/services';
import { ISignal, Signal } from '@lumino/signaling';
import {
  isSameNotebook,
  jobOfOutputs,
  notebookPaths,
  serverPath
} from './reattach';
import { ApiError } from './request';
import type { IAmlManager } from './tokens';
import type { Job, JobSummary } from './wire';

export interface ICellRunsOptions {
  manager: IAmlManager;
  context: Pick<DocumentRegistry.Context, 'path'>;
  contents: Pick<Contents.IManager, 'get' | 'driveName'>;
}

export class CellRuns {
  constructor(options: ICellRunsOptions) {
    this._options = options;
  }

  /** A run became this notebook's that its path alone does not tell. */
  get adopted(): ISignal<this, void> {
    return this._adopted;
  }

  /** The newest run of a cell with its saved outputs, or null. */
  async find(cellId: string, outputs: readonly unknown[]): Promise<Job | null> {
    const known = this._options.manager.jobs.find(
      job => job.cellId === cellId && this.isOwn(job)
    );
    const name = known?.name ?? (await this._ask(cellId));
    if (name) {
      return this.read(name);
    }
    return this._findMoved(cellId, outputs);
  }

  /** Whether a job was started from this notebook, under whatever name. */
  isOwn(job: Pick<JobSummary, 'name' | 'notebook'>): boolean {
    const { path } = this._options.context;
    return (
      this._own.has(job.name) || isSameNotebook(job.notebook, path, this._root)
    );
  }

  /** From now on the job is this notebook's, also under another name. */
  adopt(job: string): void {
    if (!this._own.has(job)) {
      this._own.add(job);
      this._adopted.emit();
    }
  }

  async read(name: string): Promise<Job | null> {
    const { manager } = this._options;
    return (await orNothing(manager.call('jobs.get', { name }))) as Job | null;
  }

  /** The path in the file system, as kernels know it; empty if the server does not tell its root. */
  get absolutePath(): string {
    const [first] = notebookPaths(this._options.context.path, this._root);
    return this._root ? (first ?? '') : '';
  }

  private get _root(): string {
    return PageConfig.getOption('serverRoot');
  }

  private async _ask(cellId: string): Promise<string | null> {
    const { manager, context } = this._options;
    for (const notebook of notebookPaths(context.path, this._root)) {
      const args = { notebook, cellId };
      const run = await orNothing(manager.call('cells.get', args));
      if (run) {
        return run.job;
      }
    }
    return null;
  }

  /** A run of this cell that another path is kept of, if no file is there any more. */
  private async _findMoved(
    cellId: string,
    outputs: readonly unknown[]
  ): Promise<Job | null> {
    const listed = this._options.manager.jobs.find(
      job => job.cellId === cellId
    )?.name;
    const name = jobOfOutputs(outputs) ?? listed;
    const job = name ? await this.read(name) : null;
    const spec = job?.spec.type === 'cell' ? job.spec : null;
    const isOfCell = spec?.cellId === cellId;
    if (!job || !isOfCell || !(await this._isGone(spec.notebook ?? ''))) {
      return null;
    }
    this.adopt(job.name);
    return job;
  }

  /** Whether no notebook is at a kept path. What cannot be looked at counts as there. */
  private async _isGone(kept: string): Promise<boolean> {
    const { context, contents } = this._options;
    const path = serverPath(kept, this._root);
    if (path === null) {
      return false;
    }
    const drive = contents.driveName(context.path);
    const full = drive ? `${drive}:${path}` : path;
    try {
      await contents.get(full, { content: false });
      return false;
    } catch (reason) {
      const { response } = reason as { response?: Response };
      return response?.status === 404;
    }
  }

  private _options: ICellRunsOptions;
  private _own = new Set<string>();
  private _adopted = new Signal<this, void>(this);
}

const OF_CONTEXT = new WeakMap<object, CellRuns>();

/** The one of an open notebook: everything that shows its runs must agree on which these are. */
export function runsOf(options: ICellRunsOptions): CellRuns {
  const { context } = options;
  const runs = OF_CONTEXT.get(context) ?? new CellRuns(options);
  OF_CONTEXT.set(context, runs);
  return runs;
}

/** The answer, or null if there is no such thing. */
async function orNothing<T>(answer: Promise<T>): Promise<T | null> {
  try {
    return await answer;
  } catch (reason) {
    if (ApiError.from(reason).code === 'NotFound') {
      return null;
    }
    throw reason;
  }
}
