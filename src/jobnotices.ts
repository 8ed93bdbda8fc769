import { Notification } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { isWorthANotice, noticeWords } from './notice';
import { CommandIDs, IAmlManager } from './tokens';
import type { JobSummary } from './wire';

export interface INoticesOptions {
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
  /** Whether the job's cell or its own view is in front of the person. */
  isInSight(job: JobSummary): boolean;
  /** Whether the person wants a notice of the desktop when the page is hidden. */
  wantsDesktop(): boolean;
}

/**
 * One notice per job, changed in place; none at start-up, none for what is in sight.
 *
 * It is never the only copy of an error: row, cell and job view say the same.
 */
export class JobNotices {
  constructor(private readonly _options: INoticesOptions) {
    _options.manager.jobEnded.connect((_, job) => this._onEnd(job));
  }

  private _onEnd(job: JobSummary): void {
    const { manager, trans } = this._options;
    const isWorth = isWorthANotice(job, {
      isInSight: !document.hidden && this._options.isInSight(job),
      wasAsked:
        job.status === 'Canceled' || manager.askedOf(`job/${job.name}`) !== null
    });
    if (!isWorth) {
      return;
    }
    const { kind, title, text } = noticeWords(job, trans);
    const message = text ? `${title}\n${text}` : title;
    const options = {
      actions: this._actions(job),
      autoClose: kind === 'error' ? (false as const) : 10_000
    };
    const before = this._ids.get(job.name);
    const isUpdated =
      before !== undefined &&
      Notification.update({ id: before, message, type: kind, ...options });
    if (!isUpdated) {
      this._ids.set(job.name, Notification.emit(message, kind, options));
    }
    if (document.hidden && this._options.wantsDesktop()) {
      this._onDesktop(job, title, text);
    }
  }

  private _actions(job: JobSummary): Notification.IAction[] {
    const { commands, trans } = this._options;
    const args = { name: job.name };
    const run = (command: string) => () => void commands.execute(command, args);
    const open = {
      label: trans.__('Open job'),
      callback: run(CommandIDs.openJob)
    };
    return job.cellId && commands.isEnabled(CommandIDs.goToCell, args)
      ? [
          {
            label: trans.__('Show output'),
            callback: run(CommandIDs.goToCell)
          },
          open
        ]
      : [open];
  }

  private _onDesktop(job: JobSummary, title: string, body: string): void {
    const isAllowed =
      'Notification' in window && window.Notification.permission === 'granted';
    if (!isAllowed) {
      return;
    }
    // The tag makes the desktop replace an earlier notice of the same job.
    const notice = new window.Notification(title, { body, tag: job.name });
    notice.onclick = () => {
      window.focus();
      void this._options.commands.execute(CommandIDs.openJob, {
        name: job.name
      });
    };
  }

  private _ids = new Map<string, string>();
}
