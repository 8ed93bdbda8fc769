import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Clipboard, ICommandPalette } from '@jupyterlab/apputils';
import { ILauncher } from '@jupyterlab/launcher';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { amlIcon, copyIcon, createIcon } from '../icons';
import { addJobCommands } from '../jobcommands';
import { addComputeCommands } from '../computecommands';
import { CommandIDs, IAmlManager, ISidebar, PALETTE_CATEGORY } from '../tokens';

/** Everything that can be done, as commands: palette, menus and buttons share them. */
export const commandsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-aml:commands',
  description: 'Commands on compute and jobs.',
  autoStart: true,
  requires: [IAmlManager, ISidebar],
  optional: [ITranslator, ICommandPalette, ILauncher],
  activate: (
    app: JupyterFrontEnd,
    manager: IAmlManager,
    sidebar: ISidebar,
    translator: ITranslator | null,
    palette: ICommandPalette | null,
    launcher: ILauncher | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_aml');
    const { commands } = app;
    const isOnline = () => manager.link.kind === 'online';
    const nameSchema = {
      args: {
        type: 'object',
        properties: { name: { type: 'string' } }
      }
    } as CommandRegistry.ICommandOptions['describedBy'];

    commands.addCommand(CommandIDs.createCompute, {
      label: args =>
        args.isLauncher ? trans.__('New cluster') : trans.__('New Compute…'),
      caption: () =>
        isOnline()
          ? trans.__('Create a cluster or a machine from a list of sizes')
          : trans.__('The compute service is not reached'),
      icon: args => (args.isLauncher ? amlIcon : createIcon),
      isEnabled: isOnline,
      describedBy: { args: { type: 'object', properties: {} } },
      execute: async () => {
        const { createCompute } = await import('../createcompute');
        const spec = await createCompute(manager, trans);
        if (spec) {
          sidebar.open();
          await manager.createCompute(spec);
        }
      }
    });
    addComputeCommands({ commands, manager, trans, nameSchema });

    addJobCommands({ commands, manager, trans, nameSchema });

    commands.addCommand(CommandIDs.reconnect, {
      label: trans.__('Look for the Compute Service'),
      caption: trans.__('Connect now; the service is started if need be'),
      icon: amlIcon,
      isEnabled: () => !isOnline(),
      describedBy: { args: { type: 'object', properties: {} } },
      execute: () => manager.reconnect()
    });

    commands.addCommand(CommandIDs.copyText, {
      label: args => String(args.label ?? trans.__('Copy')),
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

    for (const command of [
      CommandIDs.createCompute,
      CommandIDs.startCompute,
      CommandIDs.stopCompute,
      CommandIDs.restartCompute,
      CommandIDs.deleteCompute,
      CommandIDs.cancelJob,
      CommandIDs.archiveJob,
      CommandIDs.endSession,
      CommandIDs.reconnect
    ]) {
      palette?.addItem({ command, category: PALETTE_CATEGORY });
    }
    launcher?.add({
      command: CommandIDs.createCompute,
      category: trans.__('Azure ML'),
      args: { isLauncher: true },
      rank: 1
    });
    let wasOnline = false;
    manager.changed.connect(() => {
      if (wasOnline !== isOnline()) {
        wasOnline = isOnline();
        commands.notifyCommandChanged();
      }
    });
  }
};
