import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { IFileBrowserFactory } from '@jupyterlab/filebrowser';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { createIcon } from '../icons';
import { mayAct, whyNot } from '../mayact';
import { notebookPaths } from '../reattach';
import { CommandIDs, IAmlManager, PALETTE_CATEGORY } from '../tokens';

/** A command line as a job, from the panel and the palette. */
export const newJobPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-aml:new-job',
  description: 'Asks for a command line to run on compute.',
  autoStart: true,
  requires: [IAmlManager],
  optional: [IFileBrowserFactory, ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    manager: IAmlManager,
    browsers: IFileBrowserFactory | null,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_aml');
    const { commands } = app;
    /** The folder that the file browser shows, as the file system has it. */
    const folder = () => {
      const path = browsers?.tracker.currentWidget?.model.path ?? '';
      const root = PageConfig.getOption('serverRoot');
      return (notebookPaths(path, root)[0] ?? '').replace(/\/$/, '');
    };
    commands.addCommand(CommandIDs.createJob, {
      label: trans.__('New Job…'),
      caption: () =>
        whyNot(manager, trans) || trans.__('Run a command line on compute'),
      icon: createIcon,
      isEnabled: () => mayAct(manager),
      describedBy: {
        args: {
          type: 'object',
          properties: { compute: { type: 'string' } }
        }
      },
      execute: async args => {
        const { askForJob } = await import('../newjob');
        const made = await askForJob({
          manager,
          trans,
          folder: folder(),
          compute: typeof args.compute === 'string' ? args.compute : undefined
        });
        if (made) {
          await commands.execute(CommandIDs.openJob, { name: made.name });
        }
      }
    });
    palette?.addItem({
      command: CommandIDs.createJob,
      category: PALETTE_CATEGORY
    });
  }
};
