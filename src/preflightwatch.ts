import type { Cell, CodeCell } from '@jupyterlab/cells';
import type { ISessionContext } from '@jupyterlab/apputils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';
import { PanelLayout } from '@lumino/widgets';
import { Signal } from '@lumino/signaling';
import { isAmlCell } from './magic';
import { check } from './preflightcheck';
import { PreflightStrip } from './preflightstrip';
import type { IAmlManager } from './tokens';
import { WhenReleased } from './whenreleased';

/** Typing is not checked letter by letter. */
const PAUSE_MS = 150;

export interface IPreflightWatchOptions {
  panel: NotebookPanel;
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

/** Keeps the pre-flight strip under the active cell of one notebook, while that has not run. */
export class PreflightWatch implements IDisposable {
  constructor(options: IPreflightWatchOptions) {
    this._options = options;
    const { panel, manager } = options;
    this._pointer = new WhenReleased(panel.node);
    panel.content.activeCellChanged.connect(this._onActive, this);
    manager.changed.connect(this._onManager, this);
    panel.sessionContext.statusChanged.connect(this._onKernel, this);
    panel.disposed.connect(() => this.dispose());
    this._onActive();
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    if (!this._isDisposed) {
      this._isDisposed = true;
      this._leave();
      this._pointer.dispose();
      Signal.clearData(this);
    }
  }

  /** The cell runs: what would happen does happen. It is checked again once it is changed. */
  onScheduled(cell: Cell): void {
    this._ran.add(cell.model.id);
    this._update();
  }

  private _onActive(): void {
    this._leave();
    const cell = this._options.panel.content.activeCell;
    if (cell?.model.type === 'code') {
      this._cell = cell as CodeCell;
      cell.model.contentChanged.connect(this._onContent, this);
      this._update();
    }
  }

  private _leave(): void {
    this._cell?.model?.contentChanged.disconnect(this._onContent, this);
    this._cell = null;
    this._hide();
  }

  private _onContent(): void {
    const source = this._cell?.model.sharedModel.getSource() ?? '';
    if (source === this._source) {
      return; // its outputs changed
    }
    this._ran.delete(this._cell?.model.id ?? '');
    window.clearTimeout(this._timer);
    this._timer = window.setTimeout(() => this._update(), PAUSE_MS);
  }

  /** A compute that was created, or quota that came free, changes what would happen. */
  private _onManager(): void {
    const { manager } = this._options;
    const mark = manager.computes
      .map(one => `${one.spec.name} ${one.state} ${one.spec.size}`)
      .join();
    if (mark !== this._computes) {
      this._computes = mark;
      this._update();
    } else if (this._strip && !this._isWanted()) {
      this._hide();
    }
  }

  /** The kernel is free again: it can say what it could not before. */
  private _onKernel(_: ISessionContext, status: Kernel.Status): void {
    if (status === 'idle' && this._isHalf) {
      this._isHalf = false;
      this._update();
    }
  }

  private _isWanted(): boolean {
    const { manager } = this._options;
    const model = this._cell?.model;
    if (!model || manager.link.kind !== 'online' || this._ran.has(model.id)) {
      return false;
    }
    const isRunning = manager.activeJobs.some(job => job.cellId === model.id);
    return !isRunning && isAmlCell(model.sharedModel.getSource());
  }

  private _update(): void {
    window.clearTimeout(this._timer);
    const cell = this._cell;
    this._source = cell?.model.sharedModel.getSource() ?? '';
    if (!cell || !this._isWanted()) {
      this._hide();
      return;
    }
    const { panel, manager } = this._options;
    const turn = (this._turn += 1);
    check(panel, this._source, manager, checked =>
      this._pointer.run(() => {
        if (turn === this._turn && !this._isDisposed && !cell.isDisposed) {
          this._isHalf = checked.kernel.kind === 'busy';
          this._show(cell).checked = checked;
        }
      })
    ).catch(reason => {
      // The cell runs all the same; what is wrong is said then.
      console.debug('jupyter-aml: no check of a cell', reason);
    });
  }

  private _show(cell: CodeCell): PreflightStrip {
    if (this._strip && !this._strip.isDisposed) {
      return this._strip;
    }
    const { panel, commands, trans } = this._options;
    const place = () => ({
      notebook: panel.context.localPath,
      cellId: cell.model.id
    });
    const strip = new PreflightStrip({ commands, trans, place });
    const { layout } = cell;
    const input = cell.inputArea?.parent;
    if (input && layout instanceof PanelLayout) {
      layout.insertWidget(layout.widgets.indexOf(input) + 1, strip);
    }
    this._strip = strip;
    return strip;
  }

  private _hide(): void {
    this._turn += 1;
    const strip = this._strip;
    this._strip = null;
    if (strip) {
      this._pointer.run(() => strip.dispose());
    }
  }

  private _options: IPreflightWatchOptions;
  private _pointer: WhenReleased;
  private _cell: CodeCell | null = null;
  private _strip: PreflightStrip | null = null;
  private _source = '';
  private _computes = '';
  /** The kernel was busy when it was asked. */
  private _isHalf = false;
  private _timer = 0;
  /** Answers to an older question are not shown. */
  private _turn = 0;
  /** Cells that ran as they are. */
  private _ran = new Set<string>();
  private _isDisposed = false;
}
