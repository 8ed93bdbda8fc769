import {
  JupyterFrontEnd,
  JupyterFrontEndPlugin
} from '@jupyterlab/application';
import { runningInstances } from '../instances';
import { IAmlManager } from '../tokens';

/**
 * Running instances are kernels (Jupyter Server finds their kernelspecs). JupyterLab asks for
 * kernelspecs once a minute; one that has just started is in the kernel picker at once.
 */
export const kernelsPlugin: JupyterFrontEndPlugin<void> = {
  id: 'jupyter-aml:kernels',
  description: 'Keeps the kernel picker in step with running instances.',
  autoStart: true,
  requires: [IAmlManager],
  activate: (app: JupyterFrontEnd, manager: IAmlManager) => {
    let known: string | null = null;
    manager.changed.connect(() => {
      if (!manager.isReady) {
        return;
      }
      const now = runningInstances(manager.computes);
      if (known !== null && now !== known) {
        // Without an answer the next minute brings them.
        app.serviceManager.kernelspecs.refreshSpecs().catch(() => undefined);
      }
      known = now;
    });
  }
};
