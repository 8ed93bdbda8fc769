import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import type * as nbformat from '@jupyterlab/nbformat';
import { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { amlIcon, openIcon } from '../icons';
import { mayAct, whyNot } from '../mayact';
import { remembered } from '../notebookcompute';
import type { INotebookToRun } from '../notebookjob';
import { CommandIDs, IAmlManager, PALETTE_CATEGORY } from '../tokens';

/** A whole notebook as a job, from its toolbar or the file browser; and its executed copy. */
export const notebookJobsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-aml:notebook-jobs',
  description: 'Runs whole notebooks as jobs.',
  autoStart: true,
  requires: [IAmlManager],
  optional: [
    INotebookTracker,
    IFileBrowserFactory,
    ITranslator,
    ICommandPalette
  ],
  activate: (
    app: JupyterFrontEnd,
    manager: IAmlManager,
    tracker: INotebookTracker | null,
    browsers: IFileBrowserFactory | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_aml');
    const { commands, serviceManager } = app;
    const chosenFile = () => {
      const items = browsers?.tracker.currentWidget?.selectedItems();
      const item = items?.next().value;
      return item?.type === 'notebook' ? item.path : '';
    };
    const read = async (path: string): Promise<INotebookToRun> => {
      const open = tracker?.find(panel => panel.context.path === path);
      if (open) {
        return ofPanel(open);
      }
      const file = await serviceManager.contents.get(path, {
        content: true,
        type: 'notebook'
      });
      const content = file.content as nbformat.INotebookContent;
      return { path, content, compute: '', python: '' };
    };

    commands.addCommand(CommandIDs.runNotebook, {
      label: trans.__('Run Notebook as Job…'),
      caption: () =>
        whyNot(manager, trans) ||
        trans.__('Run the whole notebook on compute, with parameters'),
      icon: amlIcon,
      isEnabled: () => mayAct(manager),
      describedBy: {
        args: {
          type: 'object',
          properties: {
            path: { type: 'string' },
            fromBrowser: { type: 'boolean' }
          }
        }
      },
      execute: async args => {
        const named = typeof args.path === 'string' ? args.path : '';
        const path =
          named ||
          (args.fromBrowser
            ? chosenFile()
            : (tracker?.currentWidget?.context.path ?? chosenFile()));
        if (!path) {
          return;
        }
        const { askForNotebookJob } = await import('../notebookjob');
        const notebook = await read(path);
        const spec = await askForNotebookJob(notebook, manager, trans);
        if (spec) {
          const { JobActions } = await import('../jobactions');
          const actions = new JobActions({ manager, commands, trans });
          await actions.guard(actions.start(spec));
        }
      }
    });

    commands.addCommand(CommandIDs.openExecuted, {
      label: trans.__('Open Executed Notebook'),
      caption: () =>
        manager.link.kind === 'online'
          ? trans.__('Save the executed copy beside the notebook and open it')
          : trans.__('The compute service is not reached'),
      icon: openIcon,
      isEnabled: () => manager.link.kind === 'online',
      describedBy: {
        args: {
          type: 'object',
          properties: { name: { type: 'string' } },
          required: ['name']
        }
      },
      execute: async args => {
        const { JobActions } = await import('../jobactions');
        const { openExecuted } = await import('../executed');
        const actions = new JobActions({ manager, commands, trans });
        const job = await actions.read(String(args.name));
        await actions.guard(
          openExecuted(job, manager, serviceManager.contents, commands, trans)
        );
      }
    });
    palette?.addItem({
      command: CommandIDs.runNotebook,
      category: PALETTE_CATEGORY
    });
  }
};

async function ofPanel(panel: NotebookPanel): Promise<INotebookToRun> {
  await panel.context.ready;
  return {
    path: panel.context.path,
    content: panel.context.model.toJSON() as nbformat.INotebookContent,
    compute: remembered(panel),
    python: await interpreterOf(panel)
  };
}

/** The interpreter of a notebook's kernel, if that is free to tell; else an empty text. */
async function interpreterOf(panel: NotebookPanel): Promise<string> {
  const kernel = panel.sessionContext.session?.kernel;
  if (kernel?.status !== 'idle') {
    return '';
  }
  const { ask } = await import('../fetch');
  const json = "__import__('json').dumps(__import__('sys').executable)";
  try {
    const { user_expressions: told } = await ask(kernel, {
      code: '',
      user_expressions: { python: json }
    });
    const answer = told?.python as { data?: Record<string, string> };
    // The repr of a JSON text: its own quotes inside of Python's.
    const text = answer.data?.['text/plain']?.slice(1, -1) ?? '""';
    return JSON.parse(text) as string;
  } catch {
    return ''; // not Python, or gone: the service takes its own
  }
}
