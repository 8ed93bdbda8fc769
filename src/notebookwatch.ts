/**
 * Watches one open notebook: its `%%aml` cells find their runs again after the page, the kernel or
 * the browser has gone, and show how a run stands on top of the output.
 */
import type { ISessionContext } from '@jupyterlab/apputils';
import { CodeCell } from '@jupyterlab/cells';
import { PageConfig } from '@jupyterlab/coreutils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Attachment } from './attachment';
import { tellPath } from './kernelpath';
import { isAmlCell } from './magic';
import {
  isSameNotebook,
  isOutdated,
  jobOfOutputs,
  mayAttach,
  notebookPaths
} from './reattach';
import { ApiError } from './request';
import { isFinal } from './status';
import { RunStrip } from './runstrip';
import type { IAmlManager } from './tokens';
import type { Job } from './wire';

/** After these a kernel answers no request that it had. */
const KERNEL_GONE = new Set<Kernel.Status>([
  'restarting',
  'autorestarting',
  'terminating',
  'dead'
]);

/** A strip for a run shorter than this would only flash. */
const STRIP_AFTER_MS = 400;

export interface IWatchOptions {
  panel: NotebookPanel;
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

export class NotebookWatch implements IDisposable {
  constructor(options: IWatchOptions) {
    this._options = options;
    const { panel, manager } = options;
    panel.disposed.connect(() => this.dispose());
    manager.changed.connect(this._onChanged, this);
    panel.sessionContext.statusChanged.connect(this._onKernelStatus, this);
    void Promise.all([panel.context.ready, panel.revealed]).then(() => {
      this._isOpen = true;
      this._onChanged();
    });
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (this._isDisposed) {
      return;
    }
    this._isDisposed = true;
    this._attachments.forEach(attachment => attachment.dispose());
    this._attachments.clear();
    this._strips.clear();
    window.clearTimeout(this._timer);
    Signal.clearData(this);
  }

  /** The kernel runs the cell for this page: it writes the outputs from now on. */
  onScheduled(cell: CodeCell): void {
    this._running.set(cell.model.id, Date.now());
    this._detach(cell.model.id);
    this._removeStrip(cell.model.id);
    this._tellPath(cell);
  }

  /** The kernel has done with the cell. Without a reply it has gone while the job goes on. */
  onExecuted(cell: CodeCell, hasReply: boolean): void {
    if (hasReply) {
      this._running.delete(cell.model.id);
    } else {
      this._takeOver(cell);
    }
  }

  onCleared(cell: CodeCell): void {
    this._attachments.get(cell.model.id)?.forget();
  }

  private _onKernelStatus(_: ISessionContext, status: Kernel.Status): void {
    if (KERNEL_GONE.has(status)) {
      this._cells.forEach(cell => this._takeOver(cell));
    }
  }

  /** The kernel will not fill this cell any more: from now on this page does. */
  private _takeOver(cell: CodeCell): void {
    const since = this._running.get(cell.model.id);
    if (since !== undefined) {
      this._running.delete(cell.model.id);
      void this._look(cell, since);
    }
  }

  private _tellPath(cell: CodeCell): void {
    const { context, sessionContext } = this._options.panel;
    const kernel = sessionContext.session?.kernel;
    const root = PageConfig.getOption('serverRoot');
    const [absolute] = notebookPaths(context.path, root);
    const isAml = isAmlCell(cell.model.sharedModel.getSource());
    if (kernel && root && absolute && isAml) {
      tellPath(kernel, absolute);
    }
  }

  private get _cells(): CodeCell[] {
    return this._options.panel.content.widgets.filter(
      (cell): cell is CodeCell => cell instanceof CodeCell
    );
  }

  private _onChanged(): void {
    const { manager } = this._options;
    if (!this._isOpen || this._isDisposed || manager.link.kind !== 'online') {
      return;
    }
    if (!this._hasLooked) {
      this._hasLooked = true;
      void this._lookAtAll();
    }
    this._updateStrips();
  }

  /** One after the other: a notebook of fifty cells must not fill the browser's connections. */
  private async _lookAtAll(): Promise<void> {
    for (const cell of this._cells) {
      await this._look(cell);
    }
  }

  /** Fill the cell from its newest run; with `since`, only if that began not before (ms). */
  private async _look(cell: CodeCell, since?: number): Promise<void> {
    const id = cell.model.id;
    const facts = () => ({
      source: cell.model.sharedModel.getSource(),
      isRunningHere: this._running.has(id)
    });
    if (cell.isDisposed || !mayAttach(facts()) || !this._isWriter()) {
      return;
    }
    const { panel } = this._options;
    try {
      const job = await this._findJob(cell);
      if (!job) {
        return;
      }
      const savedAt = panel.context.contentsModel?.last_modified ?? '';
      const isWanted =
        since === undefined
          ? isOutdated(job, savedAt)
          : new Date(job.createdAt).getTime() >= since;
      if (isWanted && !cell.isDisposed && mayAttach(facts())) {
        this._attach(cell, job);
      }
    } catch (reason) {
      // The panel says what is wrong with the service; the cell keeps what was saved.
      console.debug('jupyter-aml: no look at a cell', reason);
    }
  }

  /**
   * The newest run of a cell. Runs that the panel knows are the newest of all; the service knows
   * the others by path and cell id; the outputs' own word counts if it is this cell's.
   */
  private async _findJob(cell: CodeCell): Promise<Job | null> {
    const { manager, panel } = this._options;
    const { id } = cell.model;
    const path = panel.context.path;
    const root = PageConfig.getOption('serverRoot');
    const known = manager.jobs.find(
      job => job.cellId === id && isSameNotebook(job.notebook, path, root)
    );
    if (known) {
      return this._readJob(known.name);
    }
    for (const notebook of notebookPaths(path, root)) {
      const args = { notebook, cellId: id };
      const run = await orNothing(manager.call('cells.get', args));
      if (run) {
        return this._readJob(run.job);
      }
    }
    const saved = jobOfOutputs(cell.model.outputs.toJSON());
    const job = saved ? await this._readJob(saved) : null;
    const isOwn =
      job?.spec.type === 'cell' &&
      job.spec.cellId === id &&
      isSameNotebook(job.spec.notebook ?? '', path, root);
    return isOwn ? job : null;
  }

  private async _readJob(name: string): Promise<Job | null> {
    const { manager } = this._options;
    return (await orNothing(manager.call('jobs.get', { name }))) as Job | null;
  }

  /** With real-time collaboration every open page has the cell; the lowest client id writes. */
  private _isWriter(): boolean {
    const { model } = this._options.panel.context;
    if (!model.collaborative) {
      return true;
    }
    const awareness = model.sharedModel.awareness;
    const others = Array.from(awareness?.getStates().keys() ?? []);
    return others.every(client => awareness.clientID <= client);
  }

  private _attach(cell: CodeCell, job: Job): void {
    const id = cell.model.id;
    this._detach(id);
    const count = job.spec.type === 'cell' ? job.spec.executionCount : null;
    this._attachments.set(
      id,
      new Attachment({
        model: cell.model,
        job: job.name,
        lastSeq: job.lastSeq,
        executionCount: count || null,
        manager: this._options.manager,
        onEnd: () => this._attachments.delete(id)
      })
    );
    this._reattached.add(job.name);
    this._removeStrip(id); // it may be there already, without this word
    this._showStrip(cell, job.name);
  }

  private _detach(id: string): void {
    this._attachments.get(id)?.dispose();
    this._attachments.delete(id);
  }

  /** Strips of jobs that run in this notebook's cells, whoever writes their outputs. */
  private _updateStrips(): void {
    const { manager, panel } = this._options;
    const root = PageConfig.getOption('serverRoot');
    const cells = new Map(this._cells.map(cell => [cell.model.id, cell]));
    for (const job of manager.jobs) {
      const cell = cells.get(job.cellId);
      if (
        cell &&
        !isFinal(job.status) &&
        isSameNotebook(job.notebook, panel.context.path, root)
      ) {
        const age = Date.now() - new Date(job.createdAt).getTime();
        if (age >= STRIP_AFTER_MS) {
          this._showStrip(cell, job.name);
        } else {
          window.clearTimeout(this._timer);
          this._timer = window.setTimeout(
            () => this._onChanged(),
            STRIP_AFTER_MS - age
          );
        }
      }
    }
    for (const [id, strip] of this._strips) {
      if (!cells.has(id)) {
        strip.dispose();
        this._strips.delete(id);
      }
    }
  }

  private _showStrip(cell: CodeCell, job: string): void {
    const id = cell.model.id;
    if (this._strips.get(id)?.job === job) {
      return;
    }
    this._removeStrip(id);
    const { manager, commands, trans } = this._options;
    const strip = new RunStrip({
      job,
      manager,
      commands,
      trans,
      isReattached: this._reattached.has(job),
      onClose: () => this._removeStrip(id)
    });
    this._strips.set(id, strip);
    void cell.ready.then(() => strip.insertInto(cell));
  }

  private _removeStrip(id: string): void {
    this._strips.get(id)?.dispose();
    this._strips.delete(id);
  }

  private _options: IWatchOptions;
  private _isOpen = false;
  private _hasLooked = false;
  private _isDisposed = false;
  private _timer = 0;
  /** Ids of cells that the kernel runs for this page, and since when (ms). */
  private _running = new Map<string, number>();
  private _attachments = new Map<string, Attachment>();
  private _strips = new Map<string, RunStrip>();
  private _reattached = new Set<string>();
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
