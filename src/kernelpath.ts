/**
 * Tells a kernel where its notebook is now.
 *
 * A kernel learns the path once, when it starts, and a notebook is often named after its first
 * run. Runs are kept by that path, so an old one would not be found again.
 */
import type { Kernel } from '@jupyterlab/services';

/** Call before the request that runs a cell: a kernel takes its requests in their order. */
export function tellPath(kernel: Kernel.IKernelConnection, path: string): void {
  kernel.requestExecute({
    code: pathCode(path),
    silent: true,
    store_history: false,
    stop_on_error: false
  });
}

/** Python that leaves no name behind. Jupyter Server set this variable when the kernel started. */
export function pathCode(path: string): string {
  const os = "__import__('os')";
  // A JSON string is a Python string too.
  const absolute = `${os}.path.expanduser(${JSON.stringify(path)})`;
  return `${os}.environ['JPY_SESSION_NAME'] = ${absolute}`;
}
