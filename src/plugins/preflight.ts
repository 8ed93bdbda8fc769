import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  INotebookTracker,
  Notebook,
  NotebookActions,
  NotebookPanel
} from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { PreflightWatch } from '../preflightwatch';
import { IAmlManager } from '../tokens';

/** What a cell would cost, take along and run into, before it runs. */
export const preflightPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-aml:preflight',
  description: 'Checks cells that run on compute before they run.',
  autoStart: true,
  requires: [INotebookTracker, IAmlManager],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    tracker: INotebookTracker,
    manager: IAmlManager,
    translator: ITranslator | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_aml');
    const { commands } = app;
    const watches = new Map<Notebook, PreflightWatch>();
    const add = async (panel: NotebookPanel) => {
      const { PreflightWatch } = await import('../preflightwatch');
      await panel.context.ready;
      if (!panel.isDisposed) {
        const watch = new PreflightWatch({ panel, manager, commands, trans });
        watches.set(panel.content, watch);
        panel.disposed.connect(() => watches.delete(panel.content));
      }
    };
    tracker.forEach(panel => void add(panel));
    tracker.widgetAdded.connect((_, panel) => void add(panel));
    NotebookActions.executionScheduled.connect((_, { notebook, cell }) =>
      watches.get(notebook)?.onScheduled(cell)
    );
  }
};
