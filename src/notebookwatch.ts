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
import { Looking } from './looking';
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
    this._looking = new Looking(id => this._look(id));
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
    this._looking.dispose();
    this._marks.dispose();
    window.clearTimeout(this._timer);
    Signal.clearData(this);
  }

  /** The kernel runs the cell for this page: it writes the outputs from now on. */
  onScheduled(cell: CodeCell): void {
    this._running.set(cell.model.id, Date.now());
    this._since.delete(cell.model.id);
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
      this._since.set(cell.model.id, since);
      this._looking.add([cell.model.id]);
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
    const isOnline = manager.link.kind === 'online';
    const isBack = isOnline && !this._wasOnline;
    this._wasOnline = isOnline;
    if (!this._isOpen || this._isDisposed || !isOnline) {
      return;
    }
    if (!this._hasLooked) {
      this._hasLooked = true;
      this._looking.add(this._cells.map(cell => cell.model.id));
    } else if (isBack) {
      this._looking.now();
    }
    this._updateMarks();
  }

  /**
   * Fill a cell from its newest run; with `since`, only if that began not before (ms).
   *
   * Rejects when it could not be found out what its newest run is.
   */
  private async _look(id: string): Promise<void> {
    const cell = this._cells.find(one => one.model.id === id);
    const since = this._since.get(id);
    const mayFill = () =>
      !!cell &&
      !cell.isDisposed &&
      mayAttach({
        source: cell.model.sharedModel.getSource(),
        isRunningHere: this._running.has(id)
      });
    if (!cell || !mayFill() || !this._isWriter()) {
      return;
    }
    const { panel } = this._options;
    const job = await this._runs.find(id, cell.model.outputs.toJSON());
    const savedAt = panel.context.contentsModel?.last_modified ?? '';
    const isWanted =
      job &&
      (since === undefined
        ? isOutdated(job, savedAt)
        : new Date(job.createdAt).getTime() >= since);
    if (isWanted && mayFill()) {
      this._attach(cell, job, since === undefined);
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

  /** A cell that was moved, or came back, is a new one with the same id: it is filled in turn. */
  private _followMoved(cells: ReadonlyMap<string, CodeCell>): void {
    const orphans = Array.from(this._attachments)
      .filter(([, attachment]) => attachment.isOrphan)
      .map(([id]) => id);
    for (const id of orphans) {
      this._detach(id);
      this._since.set(id, 0); // nobody was away
    }
    this._looking.add(orphans.filter(id => cells.has(id)));
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
    this._followMoved(cells);
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
  private _wasOnline = false;
  private _isDisposed = false;
  private _timer = 0;
  /** Ids of cells that the kernel runs for this page, and since when (ms). */
  private _running = new Map<string, number>();
  /** Ids of cells that were taken over, and since when their run may have begun (ms). */
  private _since = new Map<string, number>();
  private _looking: Looking;
  private _attachments = new Map<string, Attachment>();
  private _runs: CellRuns;
  private _marks: CellMarks;
}

/** Bring one of a cell's outputs into sight. */
function showOutput(cell: CodeCell, index: number): void {
  const output = cell.outputArea.widgets[index] ?? cell.outputArea;
  output.node.scrollIntoView({ block: 'center' });
}
