/**
 * Watches one open notebook: its `%%aml` cells find their runs again after the page, the kernel or
 * the browser has gone, and show how a run stands on top of the output.
 */
import { CodeCell } from '@jupyterlab/cells';
import { PageConfig } from '@jupyterlab/coreutils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Attachment } from './attachment';
import {
  isSameNotebook,
  isOutdated,
  mayAttach,
  notebookPaths
} from './reattach';
import { ApiError } from './request';
import { isFinal } from './status';
import { RunStrip } from './runstrip';
import type { IAmlManager } from './tokens';
import type { CellRun, Job } from './wire';

/** A strip for a run shorter than this would only flash. */
const STRIP_AFTER_MS = 1000;

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
    Signal.clearData(this);
  }

  /** The kernel runs the cell for this page: it writes the outputs from now on. */
  onScheduled(cell: CodeCell): void {
    this._running.add(cell.model.id);
    this._detach(cell.model.id);
    this._removeStrip(cell.model.id);
  }

  /**
   * The kernel has done with the cell. Without a reply it has died or was restarted while the
   * job goes on: then this page takes over.
   */
  onExecuted(cell: CodeCell, hasReply: boolean): void {
    this._running.delete(cell.model.id);
    if (!hasReply) {
      void this._look(cell, true);
    }
  }

  onCleared(cell: CodeCell): void {
    this._attachments.get(cell.model.id)?.forget();
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
      await this._look(cell, false);
    }
  }

  private async _look(cell: CodeCell, isTakeover: boolean): Promise<void> {
    const id = cell.model.id;
    const facts = () => ({
      source: cell.model.sharedModel.getSource(),
      isRunningHere: this._running.has(id)
    });
    if (cell.isDisposed || !mayAttach(facts()) || !this._isWriter()) {
      return;
    }
    const { manager, panel } = this._options;
    try {
      const run = await this._findRun(id);
      if (!run) {
        return;
      }
      const job = (await manager.call('jobs.get', { name: run.job })) as Job;
      const savedAt = panel.context.contentsModel?.last_modified ?? '';
      const isWanted =
        isTakeover || isOutdated({ ...job, job: job.name }, savedAt);
      if (isWanted && !cell.isDisposed && mayAttach(facts())) {
        this._attach(cell, job);
      }
    } catch (reason) {
      // The panel says what is wrong with the service; the cell keeps what was saved.
      console.debug('jupyter-aml: no look at a cell', reason);
    }
  }

  private async _findRun(cellId: string): Promise<CellRun | null> {
    const { manager, panel } = this._options;
    const root = PageConfig.getOption('serverRoot');
    for (const notebook of notebookPaths(panel.context.path, root)) {
      try {
        return (await manager.call('cells.get', {
          notebook,
          cellId
        })) as CellRun;
      } catch (reason) {
        if (ApiError.from(reason).code !== 'NotFound') {
          throw reason;
        }
      }
    }
    return null;
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
      const age = Date.now() - new Date(job.createdAt).getTime();
      if (
        cell &&
        !isFinal(job.status) &&
        age >= STRIP_AFTER_MS &&
        isSameNotebook(job.notebook, panel.context.path, root)
      ) {
        this._showStrip(cell, job.name);
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
  /** Ids of cells that the kernel runs for this page. */
  private _running = new Set<string>();
  private _attachments = new Map<string, Attachment>();
  private _strips = new Map<string, RunStrip>();
  private _reattached = new Set<string>();
}
