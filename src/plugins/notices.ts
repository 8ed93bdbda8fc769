import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { PageConfig } from '@jupyterlab/coreutils';
import { INotebookTracker } from '@jupyterlab/notebook';
import { ISettingRegistry } from '@jupyterlab/settingregistry';
import {
  ITranslator,
  nullTranslator,
  TranslationBundle
} from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { Announcements } from '../announcements';
import { JobNotices } from '../jobnotices';
import { isSameNotebook } from '../reattach';
import { CommandIDs, IAmlManager, PALETTE_CATEGORY } from '../tokens';
import type { JobSummary } from '../wire';

const ID = 'jupyter-aml:notices';
const DESKTOP = 'desktopNotices';

/** Says when a job has ended that nobody is looking at. */
export const noticesPlugin: JupyterFrontEndPlugin<void> = {
  id: ID,
  description: 'One notice per job that ends out of sight.',
  autoStart: true,
  requires: [IAmlManager],
  optional: [ITranslator, INotebookTracker, ISettingRegistry, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    manager: IAmlManager,
    translator: ITranslator | null,
    tracker: INotebookTracker | null,
    registry: ISettingRegistry | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_aml');
    const { commands, shell } = app;
    let settings: ISettingRegistry.ISettings | null = null;
    void registry?.load(ID).then(
      loaded => {
        settings = loaded;
        loaded.changed.connect(() => commands.notifyCommandChanged());
        commands.notifyCommandChanged();
      },
      () => undefined // without the schema there are no desktop notices
    );
    const wantsDesktop = () => settings?.composite[DESKTOP] === true;
    const isViewed = (job: JobSummary) =>
      shell.currentWidget?.id === `jupyter-aml-job-${job.name}`;
    new JobNotices({
      manager,
      commands,
      trans,
      wantsDesktop,
      isInSight: job =>
        isViewed(job) || (tracker !== null && isCellInSight(job, tracker))
    });
    new Announcements(manager);
    addDesktopCommand(commands, trans, wantsDesktop, async isWanted => {
      await settings?.set(DESKTOP, isWanted);
    });
    palette?.addItem({
      command: CommandIDs.desktopNotices,
      category: PALETTE_CATEGORY
    });
  }
};

/** A command, since browsers ask for the permission only when somebody pressed something. */
function addDesktopCommand(
  commands: CommandRegistry,
  trans: TranslationBundle,
  isOn: () => boolean,
  set: (isOn: boolean) => Promise<void>
): void {
  const isSupported = 'Notification' in window;
  commands.addCommand(CommandIDs.desktopNotices, {
    label: trans.__('Desktop Notices When the Tab Is Hidden'),
    caption: isSupported
      ? trans.__('Say on the desktop when a job has ended')
      : trans.__('This browser has no desktop notices here'),
    isToggled: isOn,
    isEnabled: () => isSupported,
    describedBy: { args: { type: 'object', properties: {} } },
    execute: async () => {
      const isWanted =
        !isOn() &&
        (await window.Notification.requestPermission()) === 'granted';
      await set(isWanted);
    }
  });
}

function isCellInSight(job: JobSummary, tracker: INotebookTracker): boolean {
  const root = PageConfig.getOption('serverRoot');
  const panel = tracker.find(
    one => one.isVisible && isSameNotebook(job.notebook, one.context.path, root)
  );
  const cell = panel?.content.widgets.find(one => one.model.id === job.cellId);
  if (!panel || !cell?.node.isConnected) {
    return false;
  }
  const box = cell.node.getBoundingClientRect();
  const frame = panel.node.getBoundingClientRect();
  return box.height > 0 && box.bottom > frame.top && box.top < frame.bottom;
}
