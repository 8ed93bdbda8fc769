import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import type { ReadonlyPartialJSONObject } from '@lumino/coreutils';
import { confirm } from './components/confirm';
import {
  deleteIcon,
  editIcon,
  restartIcon,
  startIcon,
  stopIcon
} from './icons';
import { INSTANCE, may } from './lifecycle';
import { jobsOn } from './manager';
import { mayAct, whyNot } from './mayact';
import { CommandIDs, IAmlManager } from './tokens';
import type { Compute } from './wire';
import { rate } from './words';

export interface ICommandOptions {
  commands: CommandRegistry;
  manager: IAmlManager;
  trans: TranslationBundle;
  nameSchema: CommandRegistry.ICommandOptions['describedBy'];
  /** Ask what to change of a compute, and change it. */
  edit(compute: Compute): Promise<void>;
}

interface IVerb {
  id: string;
  label: string;
  icon: CommandRegistry.ICommandOptions['icon'];
  /** Why there is no compute to do it to, as a caption. */
  none: string;
  /** Whether it would do something to this compute. */
  suits(compute: Compute): boolean;
  run(compute: Compute): Promise<void>;
}

/** Start, stop, restart, edit, evict, delete: each on a named compute or on one that is chosen. */
export function addComputeCommands(options: ICommandOptions): void {
  const { commands, manager, trans, nameSchema } = options;
  const nameOf = (args: ReadonlyPartialJSONObject) =>
    typeof args.name === 'string' ? args.name : null;
  for (const verb of verbs(options)) {
    const suited = () => manager.computes.filter(one => verb.suits(one));
    const find = (name: string) =>
      suited().find(compute => compute.spec.name === name);
    const mayRun = (args: ReadonlyPartialJSONObject) => {
      const name = nameOf(args);
      return name ? find(name) !== undefined : suited().length > 0;
    };
    commands.addCommand(verb.id, {
      label: verb.label,
      caption: args =>
        whyNot(manager, trans) || (mayRun(args) ? verb.label : verb.none),
      icon: verb.icon,
      describedBy: nameSchema,
      isEnabled: args => mayAct(manager) && mayRun(args),
      execute: async args => {
        const { chooseCompute } = await import('./choose');
        const name =
          nameOf(args) ?? (await chooseCompute(suited(), verb.label, trans));
        const compute = name ? find(name) : undefined;
        if (compute) {
          await verb.run(compute);
        }
      }
    });
  }
}

function verbs(options: ICommandOptions): IVerb[] {
  const { manager, trans } = options;
  const isInstance = (compute: Compute, next: string) =>
    compute.spec.type === 'computeinstance' &&
    may(INSTANCE, compute.state, next);
  return [
    {
      id: CommandIDs.startCompute,
      label: trans.__('Start Compute'),
      icon: startIcon,
      none: trans.__('No instance is stopped'),
      suits: compute => isInstance(compute, 'Starting'),
      run: compute => manager.startCompute(compute.spec.name)
    },
    {
      id: CommandIDs.stopCompute,
      label: trans.__('Stop Compute…'),
      icon: stopIcon,
      none: trans.__('Nothing runs that could be stopped'),
      suits: compute =>
        isInstance(compute, 'Stopping') ||
        (compute.spec.type === 'amlcompute' && compute.runningJobs > 0),
      run: compute => stop(compute, manager, trans)
    },
    {
      id: CommandIDs.restartCompute,
      label: trans.__('Restart Compute…'),
      icon: restartIcon,
      none: trans.__('No instance runs'),
      suits: compute => isInstance(compute, 'Restarting'),
      run: compute => restart(compute, manager, trans)
    },
    {
      id: CommandIDs.editCompute,
      label: trans.__('Edit Compute…'),
      icon: editIcon,
      none: trans.__('There is no compute but this machine'),
      suits: ({ spec }) => !['local', 'attached'].includes(spec.type),
      run: compute => options.edit(compute)
    },
    {
      id: CommandIDs.evictNodes,
      label: trans.__('Evict Low-priority Nodes'),
      icon: stopIcon,
      none: trans.__('No low-priority node is up'),
      suits: ({ spec, currentNodes }) =>
        spec.type === 'amlcompute' &&
        spec.tier === 'low_priority' &&
        currentNodes > 0,
      run: compute => manager.evictNodes(compute.spec.name)
    },
    {
      id: CommandIDs.deleteCompute,
      label: trans.__('Delete Compute…'),
      icon: deleteIcon,
      none: trans.__('There is no compute but this machine'),
      suits: ({ spec, state }) =>
        !['local', 'attached'].includes(spec.type) && state !== 'Deleting',
      run: compute => remove(compute, manager, trans)
    },
    {
      id: CommandIDs.detachCompute,
      label: trans.__('Detach Compute…'),
      icon: deleteIcon,
      none: trans.__('No machine is attached'),
      suits: ({ spec, state }) =>
        spec.type === 'attached' && state !== 'Deleting',
      run: compute => detach(compute, manager, trans)
    }
  ];
}

/** What leaving it as it is costs, in words; empty if nothing. */
function costOf(compute: Compute, trans: TranslationBundle): string {
  if (!compute.pricePerHour) {
    return '';
  }
  const price = rate(compute.pricePerHour, trans);
  return compute.rehearsal
    ? trans.__('Leaving it on would cost %1 in Azure.', price)
    : trans.__('Leaving it on costs %1.', price);
}

/** "train-resnet is canceled" or "3 jobs are canceled", with what is kept. */
function lossOf(
  compute: Compute,
  manager: IAmlManager,
  trans: TranslationBundle
): { count: number; words: string } {
  const jobs = jobsOn(manager, compute.spec.name);
  const first = jobs[0];
  if (!first) {
    return { count: 0, words: '' };
  }
  const words =
    jobs.length === 1
      ? trans.__(
          '%1 is running or waiting on it. It is canceled; its output so far is kept.',
          first.displayName || first.name
        )
      : trans.__(
          '%1 jobs are running or waiting on it. They are canceled; their output so far is kept.',
          jobs.length
        );
  return { count: jobs.length, words };
}

async function stop(
  compute: Compute,
  manager: IAmlManager,
  trans: TranslationBundle
): Promise<void> {
  const { name, type } = compute.spec;
  const loss = lossOf(compute, manager, trans);
  const isInstance = type === 'computeinstance';
  if (loss.count) {
    const isSure = await confirm({
      title: trans.__('Stop %1?', name),
      lost: loss.words,
      cost: isInstance
        ? costOf(compute, trans)
        : trans.__('Its nodes leave by themselves when they are idle.'),
      keep: trans.__('Keep it on'),
      destroy: trans._n(
        'Stop, cancel %1 job',
        'Stop, cancel %1 jobs',
        loss.count
      )
    });
    if (!isSure) {
      return;
    }
  }
  if (isInstance) {
    await manager.stopCompute(name);
  } else {
    const jobs = jobsOn(manager, name);
    await Promise.all(jobs.map(job => manager.cancelJob(job.name)));
  }
}

async function restart(
  compute: Compute,
  manager: IAmlManager,
  trans: TranslationBundle
): Promise<void> {
  const { name } = compute.spec;
  const loss = lossOf(compute, manager, trans);
  const isSure =
    !loss.count ||
    (await confirm({
      title: trans.__('Restart %1?', name),
      lost: loss.words,
      keep: trans.__('Keep it on'),
      destroy: trans._n(
        'Restart, cancel %1 job',
        'Restart, cancel %1 jobs',
        loss.count
      )
    }));
  if (isSure) {
    await manager.restartCompute(name);
  }
}

async function remove(
  compute: Compute,
  manager: IAmlManager,
  trans: TranslationBundle
): Promise<void> {
  const { name } = compute.spec;
  const loss = lossOf(compute, manager, trans);
  const disk = loss.count
    ? trans.__('Its nodes and what is on their disks are gone.')
    : trans.__(
        'Its nodes and what is on their disks are gone; jobs and their outputs are kept.'
      );
  const isSure = await confirm({
    title: trans.__('Delete %1?', name),
    lost: [loss.words, disk].filter(Boolean).join(' '),
    cost: costOf(compute, trans),
    keep: trans.__('Keep it'),
    destroy: loss.count
      ? trans._n('Delete, cancel %1 job', 'Delete, cancel %1 jobs', loss.count)
      : trans.__('Delete %1', name)
  });
  if (isSure) {
    await manager.deleteCompute(name);
  }
}

async function detach(
  compute: Compute,
  manager: IAmlManager,
  trans: TranslationBundle
): Promise<void> {
  const { name } = compute.spec;
  const loss = lossOf(compute, manager, trans);
  const isSure = await confirm({
    title: trans.__('Detach %1?', name),
    lost:
      loss.words ||
      trans.__('The machine itself and your jobs stay as they are.'),
    keep: trans.__('Keep it'),
    destroy: loss.count
      ? trans._n('Detach, cancel %1 job', 'Detach, cancel %1 jobs', loss.count)
      : trans.__('Detach %1', name)
  });
  if (isSure) {
    await manager.detachCompute(name);
  }
}
