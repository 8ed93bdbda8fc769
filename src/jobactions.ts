/** What can be done about a job that is not of the service alone: its cell, a rerun, a fix. */
import { showErrorMessage } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { CellAccess, ICellPlace } from './cellaccess';
import { confirm } from './components/confirm';
import { ApiError } from './request';
import { specWith } from './rerun';
import { openPage } from './fixpages';
import { CommandIDs, IAmlManager } from './tokens';
import type { Fix, Job } from './wire';

export interface IJobActionsOptions {
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

export class JobActions {
  constructor(options: IJobActionsOptions) {
    this._options = options;
    this.cells = new CellAccess(options.commands, options.trans);
  }

  readonly cells: CellAccess;

  async read(name: string): Promise<Job> {
    return (await this._options.manager.call('jobs.get', { name })) as Job;
  }

  /** Run it again: a cell in its notebook, anything else as a new job of the same spec. */
  async rerun(job: Job, options = ''): Promise<void> {
    const place = placeOf(job);
    if (place) {
      if (options) {
        await this.cells.edit(place, options);
      }
      await this.cells.run(place);
      return;
    }
    const { trans } = this._options;
    // A trial that runs again is a job of its own: the sweep does not wait for it.
    const spec = specWith({ ...job.spec, parent: '' }, options);
    if (!spec) {
      throw new ApiError({
        code: 'Invalid',
        message: trans.__('%1 cannot be changed for this job.', options)
      });
    }
    await this.start(spec);
  }

  /** Start a new job and show it. */
  async start(spec: Job['spec']): Promise<void> {
    const { manager, commands } = this._options;
    const body = { spec, name: '' };
    const made = await manager.call('jobs.create', { body });
    await commands.execute(CommandIDs.openJob, { name: made.name });
  }

  /** Do what a fix says, at the cell it is about or for the job that it mends. */
  async apply(fix: Fix, job: Job | null, at: ICellPlace | null): Promise<void> {
    const place = at ?? (job && placeOf(job));
    switch (fix.kind) {
      case 'edit':
        if (job) {
          await this.rerun(job, fix.value);
        } else if (place) {
          await this.cells.edit(place, fix.value);
        }
        break;
      case 'replace':
        if (place) {
          await this.cells.replace(place, fix.value);
          await this.cells.run(place);
        }
        break;
      case 'command':
        if (place) {
          await this._runLine(fix, job, place);
        }
        break;
      case 'open':
        await openPage(fix.value, {
          ...this._options,
          cells: this.cells,
          place,
          use: options =>
            this.apply({ ...fix, kind: 'edit', value: options }, job, place)
        });
        break;
    }
  }

  /** Run a line above the cell, and then the cell again where that is what it is good for. */
  private async _runLine(
    fix: Fix,
    job: Job | null,
    place: ICellPlace
  ): Promise<void> {
    const line = asLine(fix.value);
    if (line.startsWith('%pip ') && !(await this._maySetUp(line, fix.label))) {
      return;
    }
    const isDone = await this.cells.runAbove(place, line);
    if (isDone && job && fix.restartsAt) {
      await this.cells.run(place);
    }
  }

  /** The kernel's own Python is changed only when a person says exactly that. */
  private async _maySetUp(line: string, verb: string): Promise<boolean> {
    const { trans } = this._options;
    return confirm({
      title: trans.__('%1 into the Python of this notebook?', verb),
      lost: trans.__(
        '“%1” runs in a new cell. The package stays, and every notebook with this kernel has it then.',
        line
      ),
      keep: trans.__('Leave it as it is'),
      destroy: verb,
      isSafe: true
    });
  }

  /** Run an action; what it is refused with is told. */
  async guard(action: Promise<void>): Promise<void> {
    try {
      await action;
    } catch (reason) {
      const error = ApiError.from(reason);
      const text = error.hint || this._options.trans.__('Nothing was started.');
      await showErrorMessage(error.message, text);
    }
  }

  private _options: IJobActionsOptions;
}

/** The cell that a job came from, or null. */
export function placeOf(job: Job): ICellPlace | null {
  const { spec } = job;
  return spec.type === 'cell' && spec.notebook && spec.cellId
    ? { notebook: spec.notebook, cellId: spec.cellId }
    : null;
}

/** A line for a notebook: what is typed in a terminal has its magic. */
function asLine(command: string): string {
  return command.replace(/^jupyter aml /, '%aml ');
}
