/** Commands on the workspace as a whole: budget, default compute, environments, the service. */
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { jobFilterLine } from './components/jobfilter';
import { confirm } from './components/confirm';
import type { ICommandOptions } from './computecommands';
import { amlIcon, searchIcon, startIcon, stopIcon } from './icons';
import { ENVIRONMENT, may } from './lifecycle';
import { mayAct, whyNot } from './mayact';
import { environmentKey } from './store';
import { CommandIDs } from './tokens';

const NO_ARGS: CommandRegistry.ICommandOptions['describedBy'] = {
  args: { type: 'object', properties: {} }
};

export function addWorkspaceCommands(
  options: Omit<ICommandOptions, 'edit'>
): void {
  const { commands, manager, trans, nameSchema } = options;
  const nameOf = (args: ReadonlyPartialJSONObject) =>
    typeof args.name === 'string' ? args.name : null;

  commands.addCommand(CommandIDs.setBudget, {
    label: trans.__('Set Budget…'),
    caption: () =>
      whyNot(manager, trans) ||
      (manager.costs
        ? trans.__('How much compute may cost in a day, and what happens then')
        : trans.__('This service does not count costs')),
    isEnabled: () => mayAct(manager) && manager.costs !== null,
    describedBy: NO_ARGS,
    execute: async () => {
      const { preferences, costs } = manager;
      if (!preferences) {
        return;
      }
      const { askBudget } = await import('./budgetdialog');
      const wish = await askBudget(
        preferences,
        costs?.rehearsal ?? true,
        trans
      );
      if (wish) {
        await manager.setPreferences(wish);
      }
    }
  });

  commands.addCommand(CommandIDs.setDefaultCompute, {
    label: args =>
      nameOf(args)
        ? trans.__('Run Cells Here by Default')
        : trans.__('Set Default Compute…'),
    caption: args =>
      whyNot(manager, trans) ||
      (nameOf(args) === manager.defaultCompute
        ? trans.__('Cells that name no compute run here already')
        : trans.__('Where a cell runs that names no compute')),
    isEnabled: args =>
      mayAct(manager) && nameOf(args) !== manager.defaultCompute,
    describedBy: nameSchema,
    execute: async args => {
      const { chooseCompute } = await import('./choose');
      const title = trans.__('Default compute');
      const name =
        nameOf(args) ?? (await chooseCompute(manager.computes, title, trans));
      if (name) {
        await manager.setPreferences({ defaultCompute: name });
      }
    }
  });

  /** Those that could be built now, or the one of that name. */
  const toBuild = (name?: unknown) =>
    manager.environments.filter(
      one =>
        (name === undefined || environmentKey(one) === name) &&
        may(ENVIRONMENT, one.state, 'Building')
    );
  commands.addCommand(CommandIDs.buildEnvironment, {
    label: args =>
      args.name === undefined
        ? trans.__('Build Environment…')
        : trans.__('Build Environment'),
    caption: () =>
      whyNot(manager, trans) ||
      (toBuild().length
        ? trans.__('Build it now instead of with its first job')
        : trans.__('Every environment is built')),
    isEnabled: args => mayAct(manager) && toBuild(args.name).length > 0,
    describedBy: nameSchema,
    execute: async args => {
      const { chooseEnvironment } = await import('./choose');
      const title = trans.__('Build environment');
      const name =
        nameOf(args) ?? (await chooseEnvironment(toBuild(), title, trans));
      const [found] = toBuild(name);
      if (found) {
        await manager.buildEnvironment(found.name, found.version);
      }
    }
  });

  commands.addCommand(CommandIDs.filterJobs, {
    label: trans.__('Filter Jobs'),
    caption: trans.__('Find jobs by name, state, compute or notebook'),
    icon: searchIcon,
    describedBy: NO_ARGS,
    execute: () => jobFilterLine.toggle()
  });

  commands.addCommand(CommandIDs.reconnect, {
    label: trans.__('Start the Compute Service'),
    caption: () =>
      manager.link.kind === 'online'
        ? trans.__('It runs already')
        : trans.__('Connect now; the service is started if need be'),
    icon: startIcon,
    isEnabled: () => manager.link.kind !== 'online',
    describedBy: NO_ARGS,
    execute: () => manager.reconnect()
  });

  commands.addCommand(CommandIDs.stopService, {
    label: trans.__('Stop the Compute Service…'),
    caption: () =>
      whyNot(manager, trans) || trans.__('It stays stopped until it is wanted'),
    icon: stopIcon,
    isEnabled: () => mayAct(manager),
    describedBy: NO_ARGS,
    execute: async () => {
      const count = manager.activeJobs.length;
      const isSure = await confirm({
        title: trans.__('Stop the compute service?'),
        lost: count
          ? trans._n(
              '%1 job is running or waiting. It ends with the service; its output so far is kept.',
              '%1 jobs are running or waiting. They end with the service; their output so far is kept.',
              count
            )
          : trans.__('Nothing runs. Jobs and their outputs are kept.'),
        keep: trans.__('Keep it on'),
        destroy: count
          ? trans._n('Stop, end %1 job', 'Stop, end %1 jobs', count)
          : trans.__('Stop the service')
      });
      if (isSure) {
        await manager.stopService();
      }
    }
  });

  const hasServer = () =>
    manager.link.kind !== 'missing' && manager.link.kind !== 'unreachable';
  commands.addCommand(CommandIDs.showServiceLog, {
    label: trans.__('Show the Log of the Compute Service…'),
    caption: () =>
      hasServer()
        ? trans.__('Its newest lines, also while it does not run')
        : trans.__('Jupyter Server does not answer for it'),
    icon: searchIcon,
    isEnabled: hasServer,
    describedBy: NO_ARGS,
    execute: async () => {
      const { showServiceLog } = await import('./servicelog');
      await showServiceLog(trans);
    }
  });

  commands.addCommand(CommandIDs.keyboardHelp, {
    label: trans.__('Keys of the Azure ML Panel…'),
    caption: trans.__('What the keys do in the panel and in the list of sizes'),
    icon: amlIcon,
    describedBy: NO_ARGS,
    execute: async () => {
      const { showKeyboardHelp } = await import('./keyboardhelp');
      await showKeyboardHelp(trans);
    }
  });
}
