import { PageConfig } from '@jupyterlab/coreutils';
import type { NotebookPanel } from '@jupyterlab/notebook';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import { computeOf, environmentOf, nodesOf } from './magic';
import { chosenCompute, remembered } from './notebookcompute';
import type { IChecked, KernelPart } from './preflight';
import { notebookPaths } from './reattach';
import type { IAmlManager } from './tokens';
import type { KernelPreflight, Preflight } from './wire';

/** A kernel that has not answered by then is as good as busy. */
const KERNEL_MS = 2000;

/** Ask the service and, unless it is busy, the kernel what they know of a cell. */
export async function check(
  panel: NotebookPanel,
  source: string,
  manager: IAmlManager,
  onPart: (checked: IChecked) => void
): Promise<void> {
  const root = PageConfig.getOption('serverRoot');
  const [path = ''] = notebookPaths(panel.context.path, root);
  const compute = chosenCompute(
    [source],
    computeOf(source) ? '' : remembered(panel),
    manager.defaultCompute
  );
  const kernel = askKernel(
    panel.sessionContext.session?.kernel,
    expression(source, compute)
  );
  const body = {
    source,
    compute,
    environment: environmentOf(source) ?? 'kernel',
    instanceCount: Math.min(nodesOf(source) || 1, 100),
    folder: path.replace(/\/?[^/]*$/, '')
  };
  const service = (await manager.call('jobs.preflight', { body })) as Preflight;
  // The service answers at once; the kernel may take longer, and adds to it then.
  const first = await Promise.race([kernel, soon()]);
  onPart({ service, kernel: first });
  if (first.kind !== 'known') {
    onPart({ service, kernel: await kernel });
  }
}

/** What is said of the kernel's half until it answers. */
async function soon(): Promise<KernelPart> {
  await new Promise(resolve => window.setTimeout(resolve, 100));
  return { kind: 'none' };
}

async function askKernel(
  kernel: Kernel.IKernelConnection | null | undefined,
  found: string
): Promise<KernelPart> {
  if (!kernel) {
    return { kind: 'none' };
  }
  if (kernel.status !== 'idle') {
    return { kind: 'busy' };
  }
  const future = kernel.requestExecute({
    code: '',
    silent: true,
    store_history: false,
    stop_on_error: false,
    user_expressions: { found }
  });
  const late = new Promise<null>(resolve =>
    window.setTimeout(() => resolve(null), KERNEL_MS)
  );
  const reply = await Promise.race([future.done, late]);
  if (!reply) {
    return { kind: 'busy' };
  }
  const value = answerIn(reply.content);
  return value ? { kind: 'known', value } : { kind: 'none' };
}

/** Python that leaves no name behind, and is shown as JSON. */
function expression(source: string, compute: string): string {
  const module = "__import__('jupyter_aml.kernel.preflight', fromlist=['x'])";
  // A JSON string is a Python string too.
  const [cell, chosen] = [source, compute].map(text => JSON.stringify(text));
  return `${module}.aml_preflight(${cell}, ${chosen})`;
}

/** The kernel's answer; null from a kernel without jupyter_aml. */
function answerIn(
  content: KernelMessage.IExecuteReplyMsg['content']
): KernelPreflight | null {
  if (content.status !== 'ok') {
    return null;
  }
  const found = content.user_expressions?.found as
    { status?: string; data?: Record<string, unknown> } | undefined;
  const json = found?.data?.['application/json'];
  return found?.status === 'ok' && json ? (json as KernelPreflight) : null;
}
