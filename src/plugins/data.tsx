import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';
import { amlIcon, createIcon, openIcon } from '../icons';
import { mayAct, whyNot } from '../mayact';
import { environmentKey } from '../store';
import { CommandIDs, IAmlManager, PALETTE_CATEGORY } from '../tokens';

const NAMED = {
  args: {
    type: 'object',
    properties: {
      name: { type: 'string', description: 'name:version' }
    },
    required: ['name']
  }
};

/** Data assets, models and environments in the main area. */
export const dataPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-aml:data',
  description: 'Shows data assets, models and environments.',
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
    const { commands, shell } = app;
    const show = async (
      kind: string,
      key: string,
      view: (name: string, version: string) => Promise<JSX.Element>
    ) => {
      const [name = '', version = ''] = key.split(':');
      const id = `jupyter-aml-${kind}-${name}-${version}`;
      const isOpen = () =>
        Array.from(shell.widgets('main')).some(widget => widget.id === id);
      const element = isOpen() ? null : await view(name, version);
      if (element && !isOpen()) {
        const content = ReactWidget.create(element);
        content.addClass('aml-view-holder');
        const widget = new MainAreaWidget({ content });
        widget.toolbar.hide();
        widget.id = id;
        widget.title.icon = amlIcon;
        widget.title.label = `${name}:${version}`;
        widget.title.closable = true;
        shell.add(widget, 'main');
      }
      shell.activateById(id);
    };

    commands.addCommand(CommandIDs.openData, {
      label: trans.__('Browse Files'),
      caption: trans.__('Look into a data asset'),
      icon: openIcon,
      describedBy: NAMED,
      execute: args =>
        show('data', String(args.name ?? ''), async (name, version) => {
          const { DataView } = await import('../components/dataview');
          return <DataView {...{ name, version, manager, commands, trans }} />;
        })
    });
    commands.addCommand(CommandIDs.openModel, {
      label: trans.__('Open Model'),
      caption: trans.__('Show where a model comes from, and its files'),
      icon: openIcon,
      describedBy: NAMED,
      execute: args =>
        show('model', String(args.name ?? ''), async (name, version) => {
          const { ModelView } = await import('../components/modelview');
          return <ModelView {...{ name, version, manager, commands, trans }} />;
        })
    });
    commands.addCommand(CommandIDs.openEnvironment, {
      label: trans.__('Open Environment'),
      caption: trans.__('Show what it holds, and the log of its build'),
      icon: openIcon,
      describedBy: NAMED,
      execute: args =>
        show('environment', String(args.name ?? ''), async (name, version) => {
          const { EnvironmentView } =
            await import('../components/environmentview');
          return (
            <EnvironmentView {...{ name, version, manager, commands, trans }} />
          );
        })
    });
    commands.addCommand(CommandIDs.createEnvironment, {
      label: trans.__('New Environment…'),
      caption: () =>
        whyNot(manager, trans) ||
        trans.__('Name packages for jobs and deployments, and build them'),
      icon: createIcon,
      describedBy: { args: { type: 'object', properties: {} } },
      isEnabled: () => mayAct(manager),
      execute: async () => {
        const { askForEnvironment } =
          await import('../components/environmentdialog');
        const made = await askForEnvironment(manager, trans);
        if (made) {
          const { name, version } = made;
          void manager.buildEnvironment(name, version);
          await commands.execute(CommandIDs.openEnvironment, {
            name: environmentKey(made)
          });
        }
      }
    });
    palette?.addItem({
      command: CommandIDs.createEnvironment,
      category: PALETTE_CATEGORY
    });
  }
};
