import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { ITranslator, nullTranslator } from '@jupyterlab/translation';
import { createFeed } from '../feed';
import { AmlManager } from '../manager';
import { IAmlManager } from '../tokens';

/** The model: data and requests, nothing drawn. */
export const managerPlugin: JupyterFrontEndPlugin<IAmlManager> = {
  id: 'jupyter-aml:manager',
  description: 'Keeps the state of the compute workspace in step.',
  autoStart: true,
  provides: IAmlManager,
  optional: [ITranslator],
  activate: (app: JupyterFrontEnd, translator: ITranslator | null) => {
    const settings = app.serviceManager.serverSettings;
    const trans = (translator ?? nullTranslator).load('jupyter_aml');
    const feed = createFeed(settings);
    const manager = new AmlManager({ settings, feed, trans });
    // Not a moment sooner: what the person is waiting for comes first.
    void app.restored.then(() => feed.connect());
    document.addEventListener('visibilitychange', () => {
      if (!document.hidden && !feed.isConnected) {
        feed.connect(false);
      }
    });
    return manager;
  }
};
