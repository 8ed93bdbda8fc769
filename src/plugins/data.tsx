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

/** Data assets in the main area: their files, previews, and where they come from. */
export const dataPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-aml:data',
  description: 'Shows the files of data assets.',
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
    commands.addCommand(CommandIDs.openData, {
      label: trans.__('Browse Files'),
      caption: trans.__('Look into a data asset'),
      icon: openIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            name: { type: 'string', description: 'name:version' }
          },
          required: ['name']
        }
      },
      execute: async args => {
        const [name = '', version = ''] = String(args.name ?? '').split(':');
        const id = `jupyter-aml-data-${name}-${version}`;
        const open = Array.from(shell.widgets('main')).find(
          widget => widget.id === id
        );
        if (!open) {
          const { DataView } = await import('../components/dataview');
          const content = ReactWidget.create(
            <DataView {...{ name, version, manager, commands, trans }} />
          );
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
      }
    });
  }
};
