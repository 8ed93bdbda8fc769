import { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { cellsPlugin } from './plugins/cells';
import { commandsPlugin } from './plugins/commands';
import { dataPlugin } from './plugins/data';
import { endpointsPlugin } from './plugins/endpoints';
import { jobActionsPlugin } from './plugins/jobactions';
import { jobViewerPlugin } from './plugins/jobviewer';
import { kernelsPlugin } from './plugins/kernels';
import { managerPlugin } from './plugins/manager';
import { noticesPlugin } from './plugins/notices';
import { newJobPlugin } from './plugins/newjob';
import { notebookJobsPlugin } from './plugins/notebookjobs';
import { preflightPlugin } from './plugins/preflight';
import { reattachPlugin } from './plugins/reattach';
import { schedulesPlugin } from './plugins/schedules';
import { sidebarPlugin } from './plugins/sidebar';
import { statusBarPlugin } from './plugins/statusbar';

export * from './tokens';

/** The parts of the extension, one file each. */
const plugins: JupyterFrontEndPlugin<unknown>[] = [
  managerPlugin,
  sidebarPlugin,
  commandsPlugin,
  jobActionsPlugin,
  jobViewerPlugin,
  endpointsPlugin,
  dataPlugin,
  schedulesPlugin,
  cellsPlugin,
  newJobPlugin,
  notebookJobsPlugin,
  preflightPlugin,
  reattachPlugin,
  noticesPlugin,
  kernelsPlugin,
  statusBarPlugin
];

export default plugins;
