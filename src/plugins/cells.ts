import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  Notification,
  showErrorMessage
} from '@jupyterlab/apputils';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import {
  ITranslator,
  nullTranslator,
  TranslationBundle
} from '@jupyterlab/translation';
import { amlIcon } from '../icons';
import { computeOf, foreignMagic, isAmlCell, withMagic } from '../magic';
import { CommandIDs, IAmlManager, PALETTE_CATEGORY } from '../tokens';

/** The button on a cell, and its command: run this cell on compute. */
export const cellsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-aml:cells',
  description: 'Runs a cell on compute, from its toolbar or a shortcut.',
  autoStart: true,
  requires: [INotebookTracker, IAmlManager],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    manager: IAmlManager,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_aml');
    const { commands } = app;
    const isCode = () => tracker.activeCell?.model.type === 'code';
    const run = async (compute: string) => {
      const panel = tracker.currentWidget;
      if (panel && writeMagic(panel, compute, trans)) {
        await loadAndRun(panel, app, trans);
      }
    };

    commands.addCommand(CommandIDs.runCell, {
      label: trans.__('Run on Compute'),
      caption: () => {
        const panel = tracker.currentWidget;
        const compute = panel ? computeFor(panel, manager) : '';
        return trans.__('Run this cell on %1', compute);
      },
      icon: amlIcon,
      isEnabled: isCode,
      isVisible: isCode,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            compute: {
              type: 'string',
              description: trans.__('Name of the compute')
            }
          }
        }
      },
      execute: async args => {
        const panel = tracker.currentWidget;
        if (panel) {
          await run(
            typeof args.compute === 'string'
              ? args.compute
              : computeFor(panel, manager)
          );
        }
      }
    });

    commands.addCommand(CommandIDs.runCellOn, {
      label: trans.__('Run on Compute…'),
      caption: trans.__('Choose where this cell runs'),
      icon: amlIcon,
      isEnabled: isCode,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        const title = trans.__('Run this cell on');
        const { chooseCompute } = await import('../choose');
        const compute = await chooseCompute(manager.computes, title, trans);
        if (compute) {
          await run(compute);
        }
      }
    });
    for (const command of [CommandIDs.runCell, CommandIDs.runCellOn]) {
      palette?.addItem({ command, category: PALETTE_CATEGORY });
    }
  }
};

/** What the cell names, else what the nearest cell above names, else the person's preference. */
export function computeFor(panel: NotebookPanel, manager: IAmlManager): string {
  const { widgets, activeCellIndex } = panel.content;
  for (let index = activeCellIndex; index >= 0; index -= 1) {
    const source = widgets[index]?.model.sharedModel.getSource() ?? '';
    const named = computeOf(source);
    if (named) {
      return named;
    }
  }
  return manager.defaultCompute;
}

/** Put the magic on top of the active cell, in sight. False if the cell cannot be sent. */
function writeMagic(
  panel: NotebookPanel,
  compute: string,
  trans: TranslationBundle
): boolean {
  const cell = panel.content.activeCell;
  if (!cell || cell.model.type !== 'code') {
    return false;
  }
  const { sharedModel } = cell.model;
  const source = sharedModel.getSource();
  const foreign = foreignMagic(source);
  if (foreign) {
    void showErrorMessage(
      trans.__('This cell is not Python'),
      trans.__(
        'It begins with %1, which works in this notebook only. Nothing was started.',
        foreign
      )
    );
    return false;
  }
  const changed = withMagic(source, compute);
  if (
    changed !== source &&
    !(isAmlCell(source) && computeOf(source) === null && compute === 'local')
  ) {
    sharedModel.setSource(changed);
  }
  return true;
}

/**
 * Load the magic, silently, and run the cell as Run does.
 *
 * A run sent before the session has a kernel is dropped without a word, hence the wait. Loading is
 * not waited for: the kernel takes its requests in their order, and an error stops what follows.
 */
async function loadAndRun(
  panel: NotebookPanel,
  app: JupyterFrontEnd,
  trans: TranslationBundle
): Promise<void> {
  await panel.sessionContext.ready;
  const kernel = panel.sessionContext.session?.kernel;
  if (!kernel) {
    await showErrorMessage(
      trans.__('This notebook has no kernel'),
      trans.__('Choose one in the Kernel menu. Nothing was started.')
    );
    return;
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
  panel.content.deselectAll();
  await app.commands.execute('notebook:run-cell');
}
