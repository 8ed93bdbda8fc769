import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ICommandPalette, MainAreaWidget } from '@jupyterlab/apputils';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import * as React from 'react';
import { Part } from '../components/boundary';
import { amlIcon, createIcon, openIcon } from '../icons';
import { mayAct, whyNot } from '../mayact';
import { environmentKey } from '../store';
import { CommandIDs, IAmlManager, PALETTE_CATEGORY } from '../tokens';

const NAMED = {
  args: {
    type: 'object',
    properties: {
      name: { type: 'string', description: 'name:version; asked for if none' }
    }
  }
};

/** A kind of thing that opens in the main area. */
interface IKind {
  id: string;
  view: string;
  label: string;
  caption: string;
  /** Why there is nothing to open. */
  none: string;
  known(): readonly { name: string; version: string }[];
  draw(name: string, version: string): Promise<JSX.Element>;
}

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
        const content = ReactWidget.create(
          <Part {...{ name, trans }}>{element}</Part>
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
    };

    const addOpen = (kind: IKind) => {
      commands.addCommand(kind.id, {
        label: args => (args.name ? kind.label : `${kind.label}…`),
        caption: () => (kind.known().length ? kind.caption : kind.none),
        icon: openIcon,
        describedBy: NAMED,
        isEnabled: args => args.name !== undefined || kind.known().length > 0,
        execute: async args => {
          const { chooseAsset } = await import('../choose');
          const key =
            typeof args.name === 'string'
              ? args.name
              : await chooseAsset(kind.known(), kind.label, trans);
          if (key) {
            await show(kind.view, key, kind.draw);
          }
        }
      });
      palette?.addItem({ command: kind.id, category: PALETTE_CATEGORY });
    };

    addOpen({
      id: CommandIDs.openData,
      view: 'data',
      label: trans.__('Browse Files'),
      caption: trans.__('Look into a data asset'),
      none: trans.__('There is no data asset yet'),
      known: () => manager.data,
      draw: async (name, version) => {
        const { DataView } = await import('../components/dataview');
        return <DataView {...{ name, version, manager, commands, trans }} />;
      }
    });
    addOpen({
      id: CommandIDs.openModel,
      view: 'model',
      label: trans.__('Open Model'),
      caption: trans.__('Show where a model comes from, and its files'),
      none: trans.__('There is no model yet'),
      known: () => manager.models,
      draw: async (name, version) => {
        const { ModelView } = await import('../components/modelview');
        return <ModelView {...{ name, version, manager, commands, trans }} />;
      }
    });
    addOpen({
      id: CommandIDs.openEnvironment,
      view: 'environment',
      label: trans.__('Open Environment'),
      caption: trans.__('Show what it holds, and the log of its build'),
      none: trans.__('There is no environment yet'),
      // The kernel's own has no version and nothing to show.
      known: () => manager.environments.filter(one => one.version !== ''),
      draw: async (name, version) => {
        const { EnvironmentView } =
          await import('../components/environmentview');
        return (
          <EnvironmentView {...{ name, version, manager, commands, trans }} />
        );
      }
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
