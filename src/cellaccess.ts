import { PageConfig } from '@jupyterlab/coreutils';
import type { CodeCell } from '@jupyterlab/cells';
import { NotebookActions, NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { loadAndRun } from './cellrunning';
import { withOptions } from './magic';
import { serverPath } from './reattach';
import { ApiError } from './request';

/** Where a cell is: as the service keeps it with a run. */
export interface ICellPlace {
  /** Path of the notebook: the file system's, or the server's own. */
  notebook: string;
  cellId: string;
}

/** The source with a text replaced that stands in quotes; null if it does not. Pure. */
export function replaceText(source: string, texts: string): string | null {
  const [old = '', fresh = ''] = texts.split('\n');
  const replaced = ["'", '"'].reduce(
    (text, quote) =>
      text.split(quote + old + quote).join(quote + fresh + quote),
    source
  );
  return replaced === source ? null : replaced;
}

interface IFound {
  panel: NotebookPanel;
  cell: CodeCell;
}

/** Opens the notebooks that runs came from, and works in their cells in plain sight. */
export class CellAccess {
  constructor(commands: CommandRegistry, trans: TranslationBundle) {
    this._commands = commands;
    this._trans = trans;
  }

  /** Show the cell, the cursor on a line of it (from 1). */
  async go(place: ICellPlace, line = 0): Promise<void> {
    const { cell } = await this._find(place);
    await cell.ready;
    if (line > 0) {
      cell.editor?.setCursorPosition({ line: line - 1, column: 0 });
      cell.editor?.focus();
    }
  }

  /** Put options on the cell's `%%aml` line, as if they had been typed. */
  async edit(place: ICellPlace, options: string): Promise<void> {
    const { cell } = await this._find(place);
    const { sharedModel } = cell.model;
    sharedModel.setSource(withOptions(sharedModel.getSource(), options));
  }

  /** Replace a text of the cell, wherever it stands: two lines, what is there and what shall be. */
  async replace(place: ICellPlace, texts: string): Promise<void> {
    const { cell } = await this._find(place);
    const { sharedModel } = cell.model;
    const replaced = replaceText(sharedModel.getSource(), texts);
    if (replaced === null) {
      throw new ApiError({
        code: 'Conflict',
        message: this._trans.__(
          'The cell does not say %1 any more.',
          texts.split('\n')[0] ?? ''
        )
      });
    }
    sharedModel.setSource(replaced);
  }

  /** Whether it ran without an error. */
  async run(place: ICellPlace): Promise<boolean> {
    const { panel } = await this._find(place);
    panel.content.deselectAll();
    return loadAndRun(panel, this._commands, this._trans);
  }

  /** Put a line into a cell of its own above the cell, and run that. */
  async runAbove(place: ICellPlace, line: string): Promise<boolean> {
    const panel = await this.insertAbove(place, line);
    return loadAndRun(panel, this._commands, this._trans);
  }

  /** Put a code cell with `source` above the cell; it is the active one then. */
  async insertAbove(place: ICellPlace, source: string): Promise<NotebookPanel> {
    const { panel } = await this._find(place);
    panel.content.deselectAll();
    NotebookActions.insertAbove(panel.content);
    panel.content.activeCell?.model.sharedModel.setSource(source);
    return panel;
  }

  /** Put a code cell with `source` below the cell. */
  async insert(place: ICellPlace, source: string): Promise<void> {
    const { panel } = await this._find(place);
    NotebookActions.insertBelow(panel.content);
    panel.content.activeCell?.model.sharedModel.setSource(source);
  }

  private async _find(place: ICellPlace): Promise<IFound> {
    const panel = await this._open(place.notebook);
    const index = panel.content.widgets.findIndex(
      cell => cell.model.id === place.cellId && cell.model.type === 'code'
    );
    if (index < 0) {
      throw new ApiError({
        code: 'NotFound',
        message: this._trans.__(
          'The cell is not in %1 any more.',
          panel.context.path
        )
      });
    }
    panel.content.activeCellIndex = index;
    await panel.content.scrollToItem(index, 'smart');
    return { panel, cell: panel.content.widgets[index] as CodeCell };
  }

  private async _open(notebook: string): Promise<NotebookPanel> {
    const path = serverPath(notebook, PageConfig.getOption('serverRoot'));
    const widget: unknown =
      path &&
      (await this._commands
        .execute('docmanager:open', { path })
        .catch(() => undefined));
    if (!(widget instanceof NotebookPanel)) {
      throw new ApiError({
        code: 'NotFound',
        message: this._trans.__(
          'The notebook %1 is not where it was.',
          notebook
        ),
        hint: this._trans.__(
          'It was moved or deleted, or it lies outside of the folders that Jupyter Server shows.'
        )
      });
    }
    await widget.context.ready;
    await widget.revealed;
    return widget;
  }

  private _commands: CommandRegistry;
  private _trans: TranslationBundle;
}
