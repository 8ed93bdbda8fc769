/**
 * Makes a kernel ready for a cell with our magic: it has the magic, and knows its notebook's path.
 *
 * Who types `%%aml` on top of a cell as the panel says need not know of `%load_ext`. A kernel learns
 * the path once, when it starts, and a notebook is often named after its first run; runs are kept by
 * that path, so an old one would not be found again.
 */
import type { Kernel } from '@jupyterlab/services';

/** Call before the request that runs a cell: a kernel takes its requests in their order. */
export function makeReady(
  kernel: Kernel.IKernelConnection,
  path: string
): void {
  kernel.requestExecute({
    // Fails, unseen, in a kernel without jupyter_aml; the cell then says that it has no such magic.
    code: (path ? `${pathCode(path)}\n` : '') + LOAD,
    silent: true,
    store_history: false,
    stop_on_error: false
  });
}

const LOAD = "get_ipython().extension_manager.load_extension('jupyter_aml')";

/** Python that leaves no name behind. Jupyter Server set this variable when the kernel started. */
export function pathCode(path: string): string {
  const os = "__import__('os')";
  // A JSON string is a Python string too.
  const absolute = `${os}.path.expanduser(${JSON.stringify(path)})`;
  return `${os}.environ['JPY_SESSION_NAME'] = ${absolute}`;
}
