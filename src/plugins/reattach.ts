import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Cell, CodeCell } from '@jupyterlab/cells';
import {
  INotebookTracker,
  Notebook,
  NotebookActions,
  NotebookPanel
} from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { NotebookWatch } from '../notebookwatch';
import { IAmlManager } from '../tokens';

/** Outputs that survive: cells find their runs again, and say how they stand. */
export const reattachPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-aml:reattach',
  description:
    'Fills the outputs of cells that run on compute, also after a reload.',
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
    const watches = new Map<Notebook, NotebookWatch>();
    const add = (panel: NotebookPanel) => {
      // A tracker has a panel a moment before it says so; two watches would fill each cell twice.
      if (watches.has(panel.content)) {
        return;
      }
      const watch = new NotebookWatch({
        panel,
        manager,
        commands,
        trans,
        contents: app.serviceManager.contents
      });
      watches.set(panel.content, watch);
      panel.disposed.connect(() => watches.delete(panel.content));
    };
    tracker.forEach(add);
    tracker.widgetAdded.connect((_, panel) => add(panel));

    const tell = (
      notebook: Notebook,
      cell: Cell,
      message: (watch: NotebookWatch, cell: CodeCell) => void
    ) => {
      const watch = watches.get(notebook);
      if (watch && cell instanceof CodeCell) {
        message(watch, cell);
      }
    };
    NotebookActions.executionScheduled.connect((_, { notebook, cell }) =>
      tell(notebook, cell, (watch, code) => watch.onScheduled(code))
    );
    NotebookActions.executed.connect((_, { notebook, cell, success, error }) =>
      tell(notebook, cell, (watch, code) =>
        watch.onExecuted(code, success || Boolean(error))
      )
    );
    NotebookActions.outputCleared.connect((_, { notebook, cell }) =>
      tell(notebook, cell, (watch, code) => watch.onCleared(code))
    );
  }
};
