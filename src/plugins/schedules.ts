import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { confirm } from '../components/confirm';
import { createIcon, deleteIcon, startIcon, stopIcon } from '../icons';
import { mayAct, whyNot } from '../mayact';
import { partsOfType } from '../parts';
import { schedulesSection } from '../sections/schedules';
import { CommandIDs, IAmlManager, ISidebar, PALETTE_CATEGORY } from '../tokens';
import type { JobSummary, Schedule } from '../wire';

const named = {
  args: { type: 'object', properties: { name: { type: 'string' } } }
} as CommandRegistry.ICommandOptions['describedBy'];

interface IVerb {
  id: string;
  label: string;
  caption: string;
  icon: CommandRegistry.ICommandOptions['icon'];
  suits(schedule: Schedule): boolean;
  run(name: string): Promise<void>;
}

/** Jobs made by the clock: their section of the panel, and the commands on them. */
export const schedulesPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-aml:schedules',
  description: 'Makes jobs by the clock.',
  autoStart: true,
  requires: [IAmlManager, ISidebar],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    manager: IAmlManager,
    sidebar: ISidebar,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_aml');
    const { commands } = app;
    sidebar.addSection(schedulesSection(trans));
    const ask = (
      name: string,
      asked: 'start' | 'update' | 'delete',
      action: () => Promise<unknown>
    ) =>
      manager.ask(`schedule/${name}`, asked, async () => {
        await action();
      });

    const mayBeScheduled = (job: JobSummary) =>
      !job.parent &&
      (['command', 'notebook'].includes(job.type) || partsOfType(job.type));
    const suited = () => manager.jobs.filter(mayBeScheduled);
    const isWrongKind = (args: ReadonlyPartialJSONObject) => {
      const job = manager.jobNamed(String(args.name ?? ''));
      return job !== null && !mayBeScheduled(job);
    };
    commands.addCommand(CommandIDs.scheduleJob, {
      label: args =>
        args.name ? trans.__('Schedule This Job…') : trans.__('Schedule Job…'),
      caption: args =>
        whyNot(manager, trans) ||
        (isWrongKind(args)
          ? trans.__('A cell cannot be scheduled: run its notebook as a job')
          : args.name || suited().length
            ? trans.__('Make the same job again by the clock')
            : trans.__(
                'There is no job of a command or a notebook yet: a cell cannot be scheduled'
              )),
      icon: createIcon,
      describedBy: named,
      isEnabled: args =>
        mayAct(manager) &&
        (args.name === undefined ? suited().length > 0 : !isWrongKind(args)),
      execute: async args => {
        const { chooseJob } = await import('../choose');
        const name =
          typeof args.name === 'string'
            ? args.name
            : await chooseJob(suited(), trans.__('Schedule job'), trans);
        if (!name) {
          return;
        }
        const { scheduleJob } = await import('../schedulejob');
        const made = await scheduleJob(name, manager, trans);
        if (made) {
          await commands.execute(CommandIDs.openPanel, {
            section: 'schedules'
          });
        }
      }
    });

    const verbs: IVerb[] = [
      {
        id: CommandIDs.triggerSchedule,
        label: trans.__('Run Schedule Now'),
        caption: trans.__('Make its job now, besides its times'),
        icon: startIcon,
        suits: () => true,
        run: name =>
          ask(name, 'start', async () => {
            const job = await manager.call('schedules.trigger', {
              name,
              body: {}
            });
            await commands.execute(CommandIDs.openJob, { name: job.name });
          })
      },
      {
        id: CommandIDs.disableSchedule,
        label: trans.__('Disable Schedule'),
        caption: trans.__('It makes no more jobs until it is enabled'),
        icon: stopIcon,
        suits: schedule => schedule.enabled,
        run: name =>
          ask(name, 'update', () => manager.call('schedules.disable', { name }))
      },
      {
        id: CommandIDs.enableSchedule,
        label: trans.__('Enable Schedule'),
        caption: trans.__('Goes on from now; what has passed stays passed'),
        icon: startIcon,
        suits: schedule => !schedule.enabled,
        run: name =>
          ask(name, 'update', () => manager.call('schedules.enable', { name }))
      },
      {
        id: CommandIDs.deleteSchedule,
        label: trans.__('Delete Schedule…'),
        caption: trans.__('The jobs that it made stay'),
        icon: deleteIcon,
        suits: () => true,
        run: async name => {
          const isSure = await confirm({
            title: trans.__('Delete %1?', name),
            lost: trans.__(
              'It makes no more jobs. Those that it made stay, with their output.'
            ),
            keep: trans.__('Keep it'),
            destroy: trans.__('Delete %1', name)
          });
          if (isSure) {
            await ask(name, 'delete', () =>
              manager.call('schedules.delete', { name })
            );
          }
        }
      }
    ];
    for (const verb of verbs) {
      const fitting = () => manager.schedules.filter(verb.suits);
      commands.addCommand(verb.id, {
        label: verb.label,
        caption: () =>
          whyNot(manager, trans) ||
          (fitting().length ? verb.caption : trans.__('There is no schedule')),
        icon: verb.icon,
        describedBy: named,
        isEnabled: args =>
          mayAct(manager) &&
          fitting().some(
            one => args.name === undefined || one.name === args.name
          ),
        execute: async args => {
          const { chooseSchedule } = await import('../choose');
          const name =
            typeof args.name === 'string'
              ? args.name
              : await chooseSchedule(fitting(), verb.label, trans);
          if (name) {
            await verb.run(name);
          }
        }
      });
    }
    for (const command of [
      CommandIDs.scheduleJob,
      ...verbs.map(verb => verb.id)
    ]) {
      palette?.addItem({ command, category: PALETTE_CATEGORY });
    }
  }
};
