import {
  ILayoutRestorer,
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import {
  ICommandPalette,
  MainAreaWidget,
  WidgetTracker
} from '@jupyterlab/apputils';
import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';
import { Part } from '../components/boundary';
import type { JobModel } from '../jobmodel';
import { openIcon, amlIcon } from '../icons';
import { CommandIDs, IAmlManager, PALETTE_CATEGORY } from '../tokens';

/** Jobs in the main area, one tab each. */
export const jobViewerPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-aml:job-viewer',
  description: 'Shows a job and its log in the main area.',
  autoStart: true,
  requires: [IAmlManager],
  optional: [
    ITranslator,
    ILayoutRestorer,
    ICommandPalette,
    IRenderMimeRegistry
  ],
  activate: (
    app: JupyterFrontEnd,
    manager: IAmlManager,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null,
    rendermime: IRenderMimeRegistry | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_aml');
    const { commands, shell } = app;
    const tracker = new WidgetTracker<MainAreaWidget<ReactWidget>>({
      namespace: 'jupyter-aml-jobs'
    });
    const idOf = (name: string) => `jupyter-aml-job-${name}`;
    const models = new Map<string, JobModel>();
    const make = async (name: string) => {
      const { JobModel } = await import('../jobmodel');
      const { JobView } = await import('../components/jobview');
      const model = new JobModel(name, manager, trans);
      if (!models.has(name)) {
        models.set(name, model); // opened twice at once, the first stays
      }
      const content = ReactWidget.create(
        <Part name={name} trans={trans}>
          <JobView
            {...{ model, manager, commands, rendermime, trans }}
            contents={app.serviceManager.contents}
          />
        </Part>
      );
      content.addClass('aml-view-holder');
      const widget = new MainAreaWidget({ content });
      const nameOf = () => model.job?.spec.displayName || name;
      widget.toolbar.hide();
      widget.id = idOf(name);
      widget.title.icon = amlIcon;
      widget.title.label = nameOf();
      widget.title.closable = true;
      model.changed.connect(() => {
        widget.title.label = nameOf();
      });
      widget.disposed.connect(() => {
        model.dispose();
        if (models.get(name) === model) {
          models.delete(name);
        }
      });
      return widget;
    };

    commands.addCommand(CommandIDs.openJob, {
      label: args => (args.name ? trans.__('Open Job') : trans.__('Open Job…')),
      caption: () =>
        manager.jobs.length
          ? trans.__('Show how the job stands, and its log')
          : trans.__('There is no job yet'),
      isEnabled: args => args.name !== undefined || manager.jobs.length > 0,
      icon: openIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            name: { type: 'string', description: trans.__('Name of the job') },
            part: {
              type: 'string',
              enum: ['parts', 'logs', 'outputs', 'metrics', 'inputs', 'code']
            }
          }
        }
      },
      execute: async args => {
        const { chooseJob } = await import('../choose');
        const name =
          typeof args.name === 'string'
            ? args.name
            : await chooseJob(manager.jobs, trans.__('Open job'), trans);
        if (!name) {
          return;
        }
        const isOpen = tracker.find(widget => widget.id === idOf(name));
        if (!isOpen) {
          const widget = await make(name);
          if (tracker.find(other => other.id === widget.id)) {
            widget.dispose(); // opened twice at once
          } else {
            await tracker.add(widget);
            shell.add(widget, 'main');
          }
        }
        if (typeof args.part === 'string') {
          models.get(name)?.showPart(args.part);
        }
        shell.activateById(idOf(name));
      }
    });
    palette?.addItem({
      command: CommandIDs.openJob,
      category: PALETTE_CATEGORY
    });
    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openJob,
        args: widget => ({ name: widget.id.slice(idOf('').length) }),
        name: widget => widget.id
      });
    }
  }
};
