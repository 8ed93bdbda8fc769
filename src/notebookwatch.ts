/**
 * Watches one open notebook: its `%%aml` cells find their runs again after the page, the kernel or
 * the browser has gone, and show how a run stands on top of the output.
 */
import type { ISessionContext } from '@jupyterlab/apputils';
import { CodeCell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Contents, Kernel } from '@jupyterlab/services';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';
import { Signal } from '@lumino/signaling';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Attachment } from './attachment';
import { filledIn } from './away';
import { CellMarks } from './cellmarks';
import { CellRuns, runsOf } from './cellruns';
import { makeReady } from './kernelpath';
import { usesMagic } from './magic';
import { isOutdated, mayAttach } from './reattach';
import { RunMark } from './runmark';
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
  contents: Contents.IManager;
}

export class NotebookWatch implements IDisposable {
  constructor(options: IWatchOptions) {
    this._options = options;
    const { panel, manager, contents } = options;
    this._runs = runsOf({ manager, contents, context: panel.context });
    this._marks = new CellMarks(options);
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
    this._marks.dispose();
    window.clearTimeout(this._timer);
    Signal.clearData(this);
  }

  /** The kernel runs the cell for this page: it writes the outputs from now on. */
  onScheduled(cell: CodeCell): void {
    this._running.set(cell.model.id, Date.now());
    this._detach(cell.model.id);
    this._marks.remove(cell.model.id);
    this._makeReady(cell);
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

  private _makeReady(cell: CodeCell): void {
    const kernel = this._kernel();
    if (kernel && usesMagic(cell.model.sharedModel.getSource())) {
      makeReady(kernel, this._runs.absolutePath);
    }
  }

  private _kernel(): Kernel.IKernelConnection | null {
    return this._options.panel.sessionContext.session?.kernel ?? null;
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
    this._updateMarks();
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
      const job = await this._runs.find(id, cell.model.outputs.toJSON());
      if (!job) {
        return;
      }
      const savedAt = panel.context.contentsModel?.last_modified ?? '';
      const isWanted =
        since === undefined
          ? isOutdated(job, savedAt)
          : new Date(job.createdAt).getTime() >= since;
      if (isWanted && !cell.isDisposed && mayAttach(facts())) {
        this._attach(cell, job, since === undefined);
      }
    } catch (reason) {
      // The panel says what is wrong with the service; the cell keeps what was saved.
      console.debug('jupyter-aml: no look at a cell', reason);
    }
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

  /** This page fills the cell from now on, and says so; and what was new if nobody looked. */
  private _attach(cell: CodeCell, job: Job, wasAway: boolean): void {
    const id = cell.model.id;
    this._detach(id);
    this._runs.adopt(job.name);
    const mark = new RunMark({
      job: job.name,
      manager: this._options.manager,
      found: job,
      kernel: () => this._kernel(),
      show: output => showOutput(cell, output)
    });
    const count = job.spec.type === 'cell' ? job.spec.executionCount : null;
    this._attachments.set(
      id,
      new Attachment({
        model: cell.model,
        job: job.name,
        lastSeq: job.lastSeq,
        executionCount: count || null,
        manager: this._options.manager,
        onFilled: (before, after) =>
          wasAway && mark.setFilled(filledIn(before, after)),
        onEnd: () => {
          this._attachments.delete(id);
          mark.end().catch(reason => {
            console.debug('jupyter-aml: no look at an ended run', reason);
          });
        }
      })
    );
    this._marks.show(cell, mark);
  }

  private _detach(id: string): void {
    this._attachments.get(id)?.dispose();
    this._attachments.delete(id);
  }

  /** Marks of jobs that run in this notebook's cells, whoever writes their outputs. */
  private _updateMarks(): void {
    const { manager } = this._options;
    const cells = new Map(this._cells.map(cell => [cell.model.id, cell]));
    this._marks.keep(cells);
    for (const job of manager.activeJobs) {
      const cell = cells.get(job.cellId);
      const isShown = this._marks.of(job.cellId)?.job === job.name;
      if (!cell || !this._runs.isOwn(job)) {
        continue;
      }
      cells.delete(job.cellId); // the newest comes first, and is the one to show
      if (isShown) {
        continue;
      }
      const age = Date.now() - new Date(job.createdAt).getTime();
      if (age >= STRIP_AFTER_MS) {
        this._runs.adopt(job.name);
        this._marks.show(cell, new RunMark({ job: job.name, manager }));
      } else {
        window.clearTimeout(this._timer);
        this._timer = window.setTimeout(
          () => this._onChanged(),
          STRIP_AFTER_MS - age
        );
      }
    }
  }

  private _options: IWatchOptions;
  private _isOpen = false;
  private _hasLooked = false;
  private _isDisposed = false;
  private _timer = 0;
  /** Ids of cells that the kernel runs for this page, and since when (ms). */
  private _running = new Map<string, number>();
  private _attachments = new Map<string, Attachment>();
  private _runs: CellRuns;
  private _marks: CellMarks;
}

/** Bring one of a cell's outputs into sight. */
function showOutput(cell: CodeCell, index: number): void {
  const output = cell.outputArea.widgets[index] ?? cell.outputArea;
  output.node.scrollIntoView({ block: 'center' });
}
