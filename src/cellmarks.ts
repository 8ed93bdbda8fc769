import type { CodeCell } from '@jupyterlab/cells';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';
import { PanelLayout, Widget } from '@lumino/widgets';
import { Gutter } from './gutter';
import type { RunMark } from './runmark';
import { RunStrip } from './runstrip';
import type { IAmlManager } from './tokens';

export interface ICellMarksOptions {
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

interface IShown {
  cell: CodeCell;
  mark: RunMark;
  widgets: Widget[];
}

/** The kernel's own strip, an output like others, says the same and is hidden. */
const MARK = 'aml-has-strip';

/** The run strips and gutters that stand in a notebook's cells, one run a cell. */
export class CellMarks implements IDisposable {
  constructor(options: ICellMarksOptions) {
    this._options = options;
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    Array.from(this._shown.keys()).forEach(id => this.remove(id));
  }

  /** The run that a cell's marks show. */
  of(cellId: string): RunMark | null {
    return this._shown.get(cellId)?.mark ?? null;
  }

  show(cell: CodeCell, mark: RunMark): void {
    const { id } = cell.model;
    this.remove(id);
    const { manager, commands, trans } = this._options;
    const onClose = () => this.remove(id);
    const strip = new RunStrip({ mark, manager, commands, trans, onClose });
    const gutter = new Gutter({ mark, manager, trans });
    this._shown.set(id, { cell, mark, widgets: [strip, gutter] });
    void cell.ready.then(() => {
      if (strip.isDisposed || cell.isDisposed) {
        return;
      }
      insertBefore(cell, cell.outputArea.parent, strip);
      const input = cell.inputArea?.layout;
      if (input instanceof PanelLayout) {
        input.addWidget(gutter);
      }
      cell.addClass(MARK);
      strip.disposed.connect(() => cell.removeClass(MARK));
    });
  }

  remove(cellId: string): void {
    this._shown.get(cellId)?.widgets.forEach(widget => widget.dispose());
    this._shown.delete(cellId);
  }

  /** Forget cells that are no more, or were made anew: one that is moved is. */
  keep(cells: ReadonlyMap<string, CodeCell>): void {
    for (const [id, { cell }] of Array.from(this._shown)) {
      if (cells.get(id) !== cell) {
        this.remove(id);
      }
    }
  }

  private _options: ICellMarksOptions;
  private _shown = new Map<string, IShown>();
  private _isDisposed = false;
}

/** Put a widget into a cell, above one of its own parts. */
export function insertBefore(
  cell: CodeCell,
  part: Widget | null,
  widget: Widget
): void {
  const { layout } = cell;
  if (part && layout instanceof PanelLayout) {
    const index = layout.widgets.indexOf(part);
    if (index >= 0) {
      layout.insertWidget(index, widget);
    }
  }
}
