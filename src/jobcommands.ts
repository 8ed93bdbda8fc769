import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { ICommandOptions } from './computecommands';
import { confirm } from './components/confirm';
import { archiveIcon, stopIcon } from './icons';
import { mayAct, whyNot } from './mayact';
import { isFinal, mayCancel } from './status';
import { CommandIDs } from './tokens';
import type { JobSummary } from './wire';

interface IVerb {
  id: string;
  label: string;
  icon: CommandRegistry.ICommandOptions['icon'];
  /** Why there is no job to do it to, as a caption. */
  none: string;
  suits(job: JobSummary): boolean;
  run(name: string): Promise<void>;
}

/** Cancel and archive, each on a named job or on one chosen from a list; and end a session. */
export function addJobCommands(options: Omit<ICommandOptions, 'edit'>): void {
  const { commands, manager, trans, nameSchema } = options;
  const verbs: IVerb[] = [
    {
      id: CommandIDs.cancelJob,
      label: trans.__('Cancel Job'),
      icon: stopIcon,
      none: trans.__('No job runs or waits'),
      suits: job => mayCancel(job.status),
      run: name => manager.cancelJob(name)
    },
    {
      id: CommandIDs.archiveJob,
      label: trans.__('Archive Job'),
      icon: archiveIcon,
      none: trans.__('No job has ended'),
      suits: job => isFinal(job.status),
      run: name => manager.archiveJob(name)
    }
  ];
  for (const verb of verbs) {
    const suited = () => manager.jobs.filter(verb.suits);
    const mayRun = (args: ReadonlyPartialJSONObject) => {
      const named = manager.jobNamed(String(args.name));
      return args.name === undefined
        ? suited().length > 0
        : named === null || (!named.archived && verb.suits(named));
    };
    commands.addCommand(verb.id, {
      label: args => (args.name ? verb.label : `${verb.label}…`),
      caption: args =>
        whyNot(manager, trans) || (mayRun(args) ? verb.label : verb.none),
      icon: verb.icon,
      isEnabled: args => mayAct(manager) && mayRun(args),
      describedBy: nameSchema,
      execute: async args => {
        const { chooseJob } = await import('./choose');
        const name =
          typeof args.name === 'string'
            ? args.name
            : await chooseJob(suited(), verb.label, trans);
        if (name) {
          await verb.run(name);
        }
      }
    });
  }

  commands.addCommand(CommandIDs.endSession, {
    label: trans.__('End Session…'),
    caption: () =>
      whyNot(manager, trans) ||
      (manager.sessions.length
        ? trans.__('End a kept process')
        : trans.__('No session is kept')),
    icon: stopIcon,
    isEnabled: () => mayAct(manager) && manager.sessions.length > 0,
    describedBy: nameSchema,
    execute: async args => {
      const { chooseSession } = await import('./choose');
      const name =
        typeof args.name === 'string'
          ? args.name
          : await chooseSession(
              manager.sessions,
              trans.__('End session'),
              trans
            );
      const isSure =
        name !== null &&
        (await confirm({
          title: trans.__('End session %1?', name),
          lost: trans.__('Its process ends and its variables are gone.'),
          keep: trans.__('Keep it'),
          destroy: trans.__('End session')
        }));
      if (isSure) {
        await manager.endSession(name);
      }
    }
  });
}
