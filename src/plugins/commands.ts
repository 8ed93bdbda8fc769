import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Clipboard, ICommandPalette } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { ILauncher } from '@jupyterlab/launcher';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { addComputeCommands } from '../computecommands';
import type { ICreateOptions } from '../createcompute';
import { amlIcon, copyIcon, createIcon } from '../icons';
import { addJobCommands } from '../jobcommands';
import { mayAct, whyNot } from '../mayact';
import { isSameNotebook } from '../reattach';
import { CommandIDs, IAmlManager, ISidebar, PALETTE_CATEGORY } from '../tokens';
import type { Compute } from '../wire';
import { addWorkspaceCommands } from '../workspacecommands';

const IN_PALETTE = [
  CommandIDs.createCompute,
  CommandIDs.editCompute,
  CommandIDs.startCompute,
  CommandIDs.stopCompute,
  CommandIDs.restartCompute,
  CommandIDs.evictNodes,
  CommandIDs.deleteCompute,
  CommandIDs.detachCompute,
  CommandIDs.cancelJob,
  CommandIDs.archiveJob,
  CommandIDs.endSession,
  CommandIDs.setBudget,
  CommandIDs.setDefaultCompute,
  CommandIDs.buildEnvironment,
  CommandIDs.filterJobs,
  CommandIDs.openSample,
  CommandIDs.reconnect,
  CommandIDs.stopService,
  CommandIDs.showServiceLog,
  CommandIDs.keyboardHelp
];

/** Everything that can be done, as commands: palette, menus and buttons share them. */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-aml:commands',
  description: 'Commands on compute and jobs.',
  autoStart: true,
  requires: [IAmlManager, ISidebar],
  optional: [ITranslator, ICommandPalette, ILauncher, INotebookTracker],
  activate: (
    app: JupyterFrontEnd,
    manager: IAmlManager,
    sidebar: ISidebar,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null,
    tracker: INotebookTracker | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_aml');
    const { commands } = app;
    const nameSchema = {
      args: {
        type: 'object',
        properties: { name: { type: 'string' } }
      }
    } as CommandRegistry.ICommandOptions['describedBy'];
    const shared = { commands, manager, trans, nameSchema };
    const isOfThisNotebook = (notebook: string) => {
      const path = tracker?.currentWidget?.context.path;
      return (
        path !== undefined &&
        isSameNotebook(notebook, path, PageConfig.getOption('serverRoot'))
      );
    };
    const create: ICreateOptions = {
      manager,
      trans,
      type: 'amlcompute',
      isOfThisNotebook
    };

    addCreate(commands, sidebar, create);
    addComputeCommands({
      ...shared,
      edit: async (compute: Compute) => {
        const { editCompute } = await import('../createcompute');
        const change = await editCompute(compute, create);
        if (change) {
          await manager.updateCompute(compute.spec.name, change);
        }
      }
    });
    addJobCommands(shared);
    addWorkspaceCommands(shared);
    addSample(app, create);
    addCopy(commands, create);

    for (const command of IN_PALETTE) {
      palette?.addItem({ command, category: PALETTE_CATEGORY });
    }
    const category = trans.__('Azure ML');
    const args = { isLauncher: true };
    launcher?.add({ command: CommandIDs.openSample, category, args, rank: 1 });
    launcher?.add({
      command: CommandIDs.createCompute,
      category,
      args,
      rank: 2
    });
    let before = '';
    manager.changed.connect(() => {
      const now = whyNot(manager, trans);
      if (before !== now) {
        before = now;
        commands.notifyCommandChanged();
      }
    });
  }
};

function addCreate(
  commands: CommandRegistry,
  sidebar: ISidebar,
  options: ICreateOptions
): void {
  const { manager, trans } = options;
  const isInstance = (args: ReadonlyPartialJSONObject) =>
    args.type === 'computeinstance';
  commands.addCommand(CommandIDs.createCompute, {
    label: args =>
      args.isLauncher
        ? trans.__('New cluster')
        : isInstance(args)
          ? trans.__('New Instance…')
          : args.type === 'amlcompute'
            ? trans.__('New Cluster…')
            : trans.__('New Compute…'),
    caption: () =>
      whyNot(manager, trans) ||
      trans.__('Create a cluster or a machine from a list of sizes'),
    icon: createIcon,
    isEnabled: () => mayAct(manager),
    describedBy: {
      args: {
        type: 'object',
        properties: {
          type: { type: 'string', enum: ['amlcompute', 'computeinstance'] },
          search: {
            type: 'string',
            description: trans.__('What the list of sizes begins with')
          },
          again: {
            type: 'string',
            description: trans.__('A compute that was refused')
          }
        }
      }
    },
    execute: async args => {
      const { createCompute } = await import('../createcompute');
      const draft = manager.drafts.get(String(args.again ?? ''));
      const spec = await createCompute({
        ...options,
        type: isInstance(args) ? 'computeinstance' : 'amlcompute',
        again: draft?.spec,
        search: typeof args.search === 'string' ? args.search : ''
      });
      if (spec) {
        if (draft) {
          manager.dismissDraft(draft.spec.name);
        }
        sidebar.open();
        await manager.createCompute(spec);
      }
    }
  });
}

function addSample(app: JupyterFrontEnd, options: ICreateOptions): void {
  const { manager, trans } = options;
  app.commands.addCommand(CommandIDs.openSample, {
    label: args =>
      args.isLauncher
        ? trans.__('Sample notebook')
        : trans.__('Open the Sample Notebook'),
    caption: trans.__('Three cells, of which one runs on compute'),
    icon: amlIcon,
    describedBy: {
      args: { type: 'object', properties: { compute: { type: 'string' } } }
    },
    execute: async args => {
      const { sampleNotebook } = await import('../sample');
      const { contents } = app.serviceManager;
      const cluster = manager.computes.find(
        ({ spec }) => spec.type === 'amlcompute'
      );
      const compute =
        typeof args.compute === 'string' &&
        manager.computes.some(({ spec }) => spec.name === args.compute)
          ? args.compute
          : (cluster?.spec.name ?? manager.defaultCompute);
      const made = await contents.newUntitled({ type: 'notebook' });
      const path = made.path;
      await contents.save(path, {
        type: 'notebook',
        format: 'json',
        content: sampleNotebook(compute, trans)
      });
      await app.commands.execute('docmanager:open', { path });
    }
  });
}

function addCopy(commands: CommandRegistry, options: ICreateOptions): void {
  const { trans } = options;
  commands.addCommand(CommandIDs.copyText, {
    label: args => String(args.label ?? trans.__('Copy')),
    caption: args => String(args.text ?? ''),
    icon: copyIcon,
    describedBy: {
      args: {
        type: 'object',
        properties: {
          text: { type: 'string' },
          label: { type: 'string' }
        },
        required: ['text']
      }
    },
    execute: args => Clipboard.copyToSystem(String(args.text ?? ''))
  });
}
