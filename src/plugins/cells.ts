import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, IToolbarWidgetRegistry } from '@jupyterlab/apputils';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { runOn, selectedCode } from '../cellrunning';
import { amlIcon } from '../icons';
import { computeFor } from '../notebookcompute';
import { createStateChip } from '../statechip';
import { CommandIDs, IAmlManager, ISidebar, PALETTE_CATEGORY } from '../tokens';

/** The button on a cell and its commands: run cells on compute; and what of the notebook runs. */
export const cellsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-aml:cells',
  description: 'Runs cells on compute, from their toolbar or a shortcut.',
  autoStart: true,
  requires: [INotebookTracker, IAmlManager],
  optional: [ITranslator, ICommandPalette, IToolbarWidgetRegistry, ISidebar],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    manager: IAmlManager,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    toolbars: IToolbarWidgetRegistry | null,
    sidebar: ISidebar | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_aml');
    const { commands } = app;
    const isCode = () => tracker.activeCell?.model.type === 'code';
    const selection = () =>
      tracker.currentWidget ? selectedCode(tracker.currentWidget) : [];
    const run = async (panel: NotebookPanel, compute: string) =>
      runOn(panel, selectedCode(panel), compute, commands, trans);

    commands.addCommand(CommandIDs.runCell, {
      label: trans.__('Run on Compute'),
      caption: () => {
        const panel = tracker.currentWidget;
        return !panel
          ? trans.__('No notebook is open')
          : isCode()
            ? trans.__('Run on %1', computeFor(panel, manager.defaultCompute))
            : trans.__('No code cell is selected');
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
          const named = typeof args.compute === 'string' ? args.compute : '';
          await run(panel, named || computeFor(panel, manager.defaultCompute));
        }
      }
    });

    commands.addCommand(CommandIDs.runCellOn, {
      label: () =>
        selection().length > 1
          ? trans.__('Run Selected Cells on…')
          : trans.__('Run Cell on…'),
      caption: () =>
        isCode()
          ? trans.__('Choose where it runs; the notebook remembers it')
          : trans.__('No code cell is selected'),
      icon: amlIcon,
      isEnabled: isCode,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        const panel = tracker.currentWidget;
        const title = trans._n(
          'Run this cell on',
          'Run %1 cells on',
          selection().length
        );
        const { chooseCompute } = await import('../choose');
        const compute = await chooseCompute(manager.computes, title, trans);
        if (panel && compute) {
          await run(panel, compute);
        }
      }
    });
    for (const command of [CommandIDs.runCell, CommandIDs.runCellOn]) {
      palette?.addItem({ command, category: PALETTE_CATEGORY });
    }
    toolbars?.addFactory<NotebookPanel>('Notebook', 'aml-state', panel =>
      createStateChip({
        panel,
        manager,
        contents: app.serviceManager.contents,
        trans,
        onClick: () => sidebar?.open()
      })
    );
  }
};
