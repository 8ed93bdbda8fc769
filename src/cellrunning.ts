/** Runs cells on compute: the magic goes visibly on top of each, then they run as Run does. */
import { Notification, showErrorMessage } from '@jupyterlab/apputils';
import type { Cell } from '@jupyterlab/cells';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { computeOf, foreignMagic, isAmlCell, withMagic } from './magic';
import { remember } from './notebookcompute';

/** Code cells that are selected, the active one included. */
export function selectedCode(panel: NotebookPanel): Cell[] {
  const { content } = panel;
  return content.widgets.filter(
    cell => cell.model.type === 'code' && content.isSelectedOrActive(cell)
  );
}

/** Run `cells` on a compute, which the notebook remembers. Says why when one cannot be sent. */
export async function runOn(
  panel: NotebookPanel,
  cells: readonly Cell[],
  compute: string,
  commands: CommandRegistry,
  trans: TranslationBundle
): Promise<void> {
  const sources = cells.map(cell => cell.model.sharedModel.getSource());
  const foreign = sources.map(foreignMagic).find(magic => magic !== null);
  if (foreign) {
    await showErrorMessage(
      trans.__('This cell is not Python'),
      trans.__(
        'It begins with %1, which works in this notebook only. Nothing was started.',
        foreign
      )
    );
    return;
  }
  for (const cell of cells) {
    writeMagic(cell, compute);
  }
  remember(panel, compute);
  await loadAndRun(panel, commands, trans);
}

/** Put the magic on top of a cell, in sight. An empty cell stays empty. */
function writeMagic(cell: Cell, compute: string): void {
  const { sharedModel } = cell.model;
  const source = sharedModel.getSource();
  const isPlain = isAmlCell(source) && computeOf(source) === null;
  const changed = withMagic(source, compute);
  const isNeeded = changed !== source && !(isPlain && compute === 'local');
  if (source.trim() && isNeeded) {
    sharedModel.setSource(changed);
  }
}

/**
 * Load the magic, silently, and run the cells as Run does.
 *
 * A run sent before the session has a kernel is dropped without a word, hence the wait. Loading is
 * not waited for: the kernel takes its requests in their order, and an error stops what follows.
 * Whether they ran without an error.
 */
export async function loadAndRun(
  panel: NotebookPanel,
  commands: CommandRegistry,
  trans: TranslationBundle
): Promise<boolean> {
  await panel.sessionContext.ready;
  const kernel = panel.sessionContext.session?.kernel;
  if (!kernel) {
    await showErrorMessage(
      trans.__('This notebook has no kernel'),
      trans.__('Choose one in the Kernel menu. Nothing was started.')
    );
    return false;
  }
  const future = kernel.requestExecute({
    code: "get_ipython().extension_manager.load_extension('jupyter_aml')",
    silent: true,
    store_history: false,
    stop_on_error: true
  });
  void future.done.then(reply => {
    if (reply.content.status === 'error') {
      Notification.error(
        trans.__(
          'This kernel’s Python has no jupyter_aml (%1). Run %pip install jupyter_aml in the notebook.',
          reply.content.ename
        ),
        { autoClose: false }
      );
    }
  });
  const isDone: unknown = await commands.execute('notebook:run-cell');
  return isDone === true;
}
