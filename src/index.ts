import { JupyterFrontEndPlugin } from '@jupyterlab/application';

/** The parts of the extension, one file each. */
const plugins: JupyterFrontEndPlugin<unknown>[] = [];

export default plugins;
