import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { MainAreaWidget } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';
import { amlIcon, openIcon } from '../icons';
import { CommandIDs, IAmlManager } from '../tokens';

const NAMED = {
  args: {
    type: 'object',
    properties: {
      name: { type: 'string', description: 'name:version' }
    },
    required: ['name']
  }
};

/** Data assets and models in the main area: their files, and where they come from. */
export const dataPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-aml:data',
  description: 'Shows data assets and models with their files.',
  autoStart: true,
  requires: [IAmlManager],
  optional: [ITranslator],
  activate: (
    app: JupyterFrontEnd,
    manager: IAmlManager,
    translator: ITranslator | null
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
  }
};
