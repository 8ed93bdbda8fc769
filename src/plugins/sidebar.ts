import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette } from '@jupyterlab/apputils';
import { IStateDB } from '@jupyterlab/statedb';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { amlIcon } from '../icons';
import { computeSection } from '../sections/compute';
import { dataSection } from '../sections/data';
import { jobsSection } from '../sections/jobs';
import { modelsSection } from '../sections/models';
import { runningSection } from '../sections/running';
import { SectionList } from '../sectionlist';
import { SidePanel } from '../sidepanel';
import { CommandIDs, IAmlManager, ISidebar, PALETTE_CATEGORY } from '../tokens';

/** The panel at the left, with its own sections. */
export const sidebarPlugin: JupyterFrontEndPlugin<ISidebar> = {
  id: 'jupyter-aml:sidebar',
  description: 'The Azure ML side panel.',
  autoStart: true,
  provides: ISidebar,
  requires: [IAmlManager],
  optional: [ITranslator, ILayoutRestorer, IStateDB, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    manager: IAmlManager,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    state: IStateDB | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_aml');
    const { commands, shell } = app;
    const sections = new SectionList(state);
    sections.add(runningSection(trans));
    sections.add(computeSection(trans));
    sections.add(jobsSection(trans));
    sections.add(modelsSection(trans));
    sections.add(dataSection(trans));

    const panel = new SidePanel({ manager, sections, commands, trans });
    shell.add(panel, 'left', { rank: 500 });
    restorer?.add(panel, panel.id);
    const open = () => shell.activateById(panel.id);

    commands.addCommand(CommandIDs.openPanel, {
      label: trans.__('Show Azure ML Panel'),
      caption: trans.__('What runs, what it costs, compute and jobs'),
      icon: amlIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            section: {
              type: 'string',
              description: trans.__('A section to open')
            }
          }
        }
      },
      execute: args => {
        if (typeof args.section === 'string') {
          sections.setOpen(args.section, true);
        }
        open();
        // The palette gives the focus back to the main area when it closes.
        afterFrames(2, () => {
          if (!panel.node.contains(document.activeElement)) {
            open();
          }
        });
      }
    });
    palette?.addItem({
      command: CommandIDs.openPanel,
      category: PALETTE_CATEGORY
    });
    return { addSection: section => sections.add(section), open };
  }
};

/** Lumino passes messages, which move the focus, once per frame. */
function afterFrames(count: number, action: () => void): void {
  requestAnimationFrame(() =>
    count > 1 ? afterFrames(count - 1, action) : action()
  );
}
