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
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { Part } from '../components/boundary';
import { amlIcon, createIcon, deleteIcon, openIcon } from '../icons';
import { mayAct, whyNot } from '../mayact';
import { CommandIDs, IAmlManager, PALETTE_CATEGORY } from '../tokens';

const named = {
  args: {
    type: 'object',
    properties: { name: { type: 'string' } }
  }
} as CommandRegistry.ICommandOptions['describedBy'];

/** Endpoints in the main area, one tab each, and the commands on them. */
export const endpointsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-aml:endpoints',
  description: 'Shows endpoints, and deploys models to them.',
  autoStart: true,
  requires: [IAmlManager],
  optional: [ITranslator, ILayoutRestorer, ICommandPalette],
  activate: (
    app: JupyterFrontEnd,
    manager: IAmlManager,
    translator: ITranslator | null,
    restorer: ILayoutRestorer | null,
    palette: ICommandPalette | null
  ) => {
    const trans = (translator ?? nullTranslator).load('jupyter_aml');
    const { commands, shell } = app;
    const tracker = new WidgetTracker<MainAreaWidget<ReactWidget>>({
      namespace: 'jupyter-aml-endpoints'
    });
    const idOf = (name: string) => `jupyter-aml-endpoint-${name}`;
    const make = async (name: string) => {
      const { EndpointModel } = await import('../endpointmodel');
      const { EndpointView } = await import('../components/endpointview');
      const model = new EndpointModel(name, manager);
      const content = ReactWidget.create(
        <Part name={name} trans={trans}>
          <EndpointView {...{ model, manager, commands, trans }} />
        </Part>
      );
      content.addClass('aml-view-holder');
      const widget = new MainAreaWidget({ content });
      widget.toolbar.hide();
      widget.id = idOf(name);
      widget.title.icon = amlIcon;
      widget.title.label = name;
      widget.title.closable = true;
      widget.disposed.connect(() => model.dispose());
      return widget;
    };
    /** The endpoint that is meant: named, or chosen. */
    const pick = async (args: { name?: unknown }, label: string) => {
      const { chooseEndpoint } = await import('../choose');
      return typeof args.name === 'string'
        ? args.name
        : chooseEndpoint(manager.endpoints, label, trans);
    };
    const none = trans.__('There is no endpoint yet');
    const hasAny = () => manager.endpoints.length > 0;

    commands.addCommand(CommandIDs.openEndpoint, {
      label: args =>
        args.name ? trans.__('Open Endpoint') : trans.__('Open Endpoint…'),
      caption: () =>
        hasAny() ? trans.__('Show who answers, how well, and try it') : none,
      icon: openIcon,
      describedBy: named,
      isEnabled: hasAny,
      execute: async args => {
        const name = await pick(args, trans.__('Open endpoint'));
        if (!name) {
          return;
        }
        if (!tracker.find(widget => widget.id === idOf(name))) {
          const widget = await make(name);
          if (tracker.find(other => other.id === widget.id)) {
            widget.dispose(); // opened twice at once
          } else {
            await tracker.add(widget);
            shell.add(widget, 'main');
          }
        }
        shell.activateById(idOf(name));
      }
    });
    commands.addCommand(CommandIDs.deployModel, {
      label: trans.__('Deploy Model…'),
      caption: () =>
        whyNot(manager, trans) ||
        (manager.models.length
          ? trans.__('Give a model a URL that stays up')
          : trans.__('Register a model first: %1', '%aml model create')),
      icon: createIcon,
      describedBy: {
        args: {
          type: 'object',
          properties: {
            model: { type: 'string', description: 'name:version' },
            endpoint: { type: 'string' }
          }
        }
      },
      isEnabled: () => mayAct(manager) && manager.models.length > 0,
      execute: async args => {
        const { deployModel } = await import('../deploymodel');
        const name = await deployModel({
          manager,
          trans,
          model: String(args.model ?? ''),
          endpoint: String(args.endpoint ?? '')
        });
        if (name) {
          await commands.execute(CommandIDs.openEndpoint, { name });
        }
      }
    });
    commands.addCommand(CommandIDs.showKeys, {
      label: trans.__('Show Endpoint Keys…'),
      caption: () =>
        whyNot(manager, trans) ||
        (hasAny() ? trans.__('Copy or renew what opens it') : none),
      describedBy: named,
      isEnabled: () => mayAct(manager) && hasAny(),
      execute: async args => {
        const { showKeys } = await import('../deploymodel');
        const name = await pick(args, trans.__('Keys'));
        if (name) {
          await showKeys(name, manager, trans);
        }
      }
    });
    commands.addCommand(CommandIDs.deleteEndpoint, {
      label: trans.__('Delete Endpoint…'),
      caption: () =>
        whyNot(manager, trans) ||
        (hasAny() ? trans.__('Its address stops answering') : none),
      icon: deleteIcon,
      describedBy: named,
      isEnabled: () => mayAct(manager) && hasAny(),
      execute: async args => {
        const { askToDelete } = await import('../deploymodel');
        const name = await pick(args, trans.__('Delete endpoint'));
        if (name) {
          await askToDelete(name, manager, trans);
        }
      }
    });
    commands.addCommand(CommandIDs.deleteBatchEndpoint, {
      label: trans.__('Delete Batch Endpoint…'),
      caption: () =>
        whyNot(manager, trans) || trans.__('Its jobs and their output stay'),
      icon: deleteIcon,
      describedBy: named,
      isEnabled: () => mayAct(manager),
      execute: async args => {
        const { askToDeleteBatch } = await import('../deploymodel');
        await askToDeleteBatch(String(args.name ?? ''), manager, trans);
      }
    });
    for (const command of [
      CommandIDs.openEndpoint,
      CommandIDs.deployModel,
      CommandIDs.showKeys,
      CommandIDs.deleteEndpoint
    ]) {
      palette?.addItem({ command, category: PALETTE_CATEGORY });
    }
    if (restorer) {
      void restorer.restore(tracker, {
        command: CommandIDs.openEndpoint,
        args: widget => ({ name: widget.id.slice(idOf('').length) }),
        name: widget => widget.id
      });
    }
  }
};
