/**
 * The variables of a run that ended while its kernel was not listening: are they in this kernel,
 * and bring them there. The kernel is asked silently; its prompt numbers and history stay.
 */
import type { KernelMessage, Kernel } from '@jupyterlab/services';
import { ApiError } from './request';

/** Where `jupyter_aml.kernel` keeps what it knows of its notebook. */
const NOTEBOOK =
  "getattr(__import__('IPython').get_ipython(), '_jupyter_aml_notebook', None)";

/** A request that a kernel has not answered by then was lost, by a restart say. */
const LOST_MS = 3000;
const TRIES = 20;

/** Whether the kernel has brought the variables of a job. Waits until it is free to say so. */
export async function hasVariables(
  kernel: Kernel.IKernelConnection,
  job: string
): Promise<boolean> {
  const brought = `${JSON.stringify(job)} in getattr(${NOTEBOOK}, 'brought', ())`;
  for (let tries = 0; tries < TRIES && !kernel.isDisposed; tries += 1) {
    await untilFree(kernel);
    const request = ask(kernel, { code: '', user_expressions: { brought } });
    const content = await Promise.race([
      request.catch(() => null), // a restart cancels it
      new Promise<null>(resolve => setTimeout(() => resolve(null), LOST_MS))
    ]);
    if (content) {
      const answer = content.user_expressions?.brought as
        { data?: Record<string, string> } | undefined;
      return answer?.data?.['text/plain'] === 'True';
    }
  }
  return false;
}

/** What is sent to a kernel that restarts is lost, or meets a socket that is closed. */
const OCCUPIED: ReadonlySet<Kernel.Status> = new Set([
  'busy',
  'restarting',
  'autorestarting'
]);

/** A kernel that starts may never say that it is idle, but answers. */
async function untilFree(kernel: Kernel.IKernelConnection): Promise<void> {
  if (!OCCUPIED.has(kernel.status)) {
    return;
  }
  await new Promise<void>(resolve => {
    const slot = (_: unknown, status: Kernel.Status) => {
      if (!OCCUPIED.has(status)) {
        kernel.statusChanged.disconnect(slot);
        resolve();
      }
    };
    kernel.statusChanged.connect(slot);
  });
}

/** Put the variables that a job left into the kernel. Rejects with what the kernel says. */
export async function fetchVariables(
  kernel: Kernel.IKernelConnection,
  job: string
): Promise<void> {
  const handle = `__import__('jupyter_aml').JobHandle(${JSON.stringify(job)})`;
  await ask(kernel, { code: `${handle}.fetch()` });
}

/** Run something in a kernel without a trace. Rejects with what the kernel says. */
export async function ask(
  kernel: Kernel.IKernelConnection,
  request: Pick<
    KernelMessage.IExecuteRequestMsg['content'],
    'code' | 'user_expressions'
  >
): Promise<KernelMessage.IExecuteReply> {
  const { content } = await kernel.requestExecute({
    ...request,
    silent: true,
    store_history: false,
    stop_on_error: false
  }).done;
  if (content.status !== 'ok') {
    const { ename, evalue } = content as KernelMessage.IReplyErrorContent;
    throw new ApiError({
      code: 'Internal',
      message: evalue || ename || 'The kernel was restarted.'
    });
  }
  return content as never;
}
