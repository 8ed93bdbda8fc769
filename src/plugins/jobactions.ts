import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { Clipboard, ICommandPalette } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import type { CommandRegistry } from '@lumino/commands';
import type { ICellPlace } from '../cellaccess';
import type { Twin } from '../codetwin';
import { copyIcon, createIcon, openIcon, restartIcon } from '../icons';
import type { JobActions } from '../jobactions';
import { isFinal } from '../status';
import { CommandIDs, IAmlManager, PALETTE_CATEGORY } from '../tokens';
import type { Fix, Job, JobSummary } from '../wire';

type Args = ReadonlyPartialJSONObject;

/** Commands that lead from a job back to its cell: go there, run again, apply a fix. */
export const jobActionsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-aml:job-actions',
  description: 'Leads from a job to its cell, runs it again, applies a fix.',
  autoStart: true,
  requires: [IAmlManager],
  optional: [ITranslator, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    manager: IAmlManager,
    translator: ITranslator | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_aml');
    const { commands } = app;
    let actions: JobActions | null = null;
    const load = async () => {
      const module = await import('../jobactions');
      actions ??= new module.JobActions({ manager, commands, trans });
      return { ...module, actions };
    };
    const isOnline = () => manager.link.kind === 'online';
    const fits = (args: Args, suits: (job: JobSummary) => boolean) => {
      const row = manager.jobs.find(job => job.name === args.name);
      return args.name !== undefined && (!row || suits(row));
    };
    const add = (
      id: string,
      options: {
        label: string;
        caption: string;
        icon: CommandRegistry.ICommandOptions['icon'];
        /** Why there is no job to do it to, as a caption. */
        none: string;
      },
      suits: (job: JobSummary) => boolean,
      run: (job: Job, args: Args) => Promise<void>
    ) => {
      const mayRun = (args: Args) =>
        args.name === undefined ? manager.jobs.some(suits) : fits(args, suits);
      commands.addCommand(id, {
        icon: options.icon,
        label: args => (args.name ? options.label : `${options.label}…`),
        caption: args =>
          !isOnline()
            ? trans.__('The compute service is not reached')
            : mayRun(args)
              ? options.caption
              : options.none,
        isEnabled: args => isOnline() && mayRun(args),
        describedBy: {
          args: {
            type: 'object',
            properties: { name: { type: 'string' }, as: { type: 'string' } }
          }
        },
        execute: async args => {
          const { chooseJob } = await import('../choose');
          const name =
            typeof args.name === 'string'
              ? args.name
              : await chooseJob(
                  manager.jobs.filter(suits),
                  options.label,
                  trans
                );
          if (name) {
            const { actions } = await load();
            await actions.guard(actions.read(name).then(job => run(job, args)));
          }
        }
      });
      palette?.addItem({ command: id, category: PALETTE_CATEGORY });
    };

    add(
      CommandIDs.goToCell,
      {
        label: trans.__('Go to Cell'),
        caption: trans.__(
          'Open the notebook and show the cell that started it'
        ),
        icon: openIcon,
        none: trans.__('No job came from a cell')
      },
      job => job.cellId !== '',
      async (job, args) => {
        const { actions, placeOf } = await load();
        const place = placeOf(job);
        if (place) {
          await actions.cells.go(place, Number(args.line ?? 0));
        }
      }
    );
    add(
      CommandIDs.rerunJob,
      {
        label: trans.__('Run Again'),
        caption: trans.__(
          'A cell runs again in its notebook, with its variables of now'
        ),
        icon: restartIcon,
        none: trans.__('No job has ended')
      },
      job => isFinal(job.status),
      async job => (await load()).actions.rerun(job)
    );
    add(
      CommandIDs.copyJob,
      {
        label: trans.__('Copy Job as Code'),
        caption: trans.__('Copy what would be typed for the same job'),
        icon: copyIcon,
        none: trans.__('There is no job yet')
      },
      () => true,
      async (job, args) => {
        const { twin, twinsOf } = await import('../codetwin');
        const kinds = twinsOf(job);
        const kind = kinds.find(one => one === args.as) ?? kinds[0];
        Clipboard.copyToSystem(twin(job, kind as Twin));
      }
    );

    add(
      CommandIDs.insertCode,
      {
        label: trans.__('Insert What Ran as New Cell'),
        caption: trans.__('Below the cell that started the job'),
        icon: createIcon,
        none: trans.__('No job came from a cell')
      },
      job => job.cellId !== '',
      async job => {
        const { actions, placeOf } = await load();
        const { codeOf } = await import('../codetwin');
        const place = placeOf(job);
        if (place) {
          await actions.cells.insert(place, codeOf(job));
        }
      }
    );

    commands.addCommand(CommandIDs.applyFix, {
      label: args => String(args.label ?? trans.__('Apply Fix')),
      caption: args =>
        isOnline()
          ? String(args.value ?? '')
          : trans.__('The compute service is not reached'),
      isEnabled: isOnline,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            kind: { type: 'string' },
            value: { type: 'string' },
            label: { type: 'string' },
            job: { type: 'string' },
            notebook: { type: 'string' },
            cellId: { type: 'string' },
            restartsAt: { type: 'string' }
          },
          required: ['kind', 'value']
        }
      },
      execute: async args => {
        const { actions } = await load();
        const job =
          typeof args.job === 'string' ? await actions.read(args.job) : null;
        const place =
          typeof args.cellId === 'string'
            ? (args as unknown as ICellPlace)
            : null;
        const fix = args as unknown as Fix;
        await actions.guard(actions.apply(fix, job, place));
      }
    });
  }
};
