/**
 * The variables of a run that ended while its kernel was not listening: are they in this kernel,
 * and bring them there. The kernel is asked silently; its prompt numbers and history stay.
 */
import type { KernelMessage, Kernel } from '@jupyterlab/services';
import { ApiError } from './request';

/** Where `jupyter_aml.kernel` keeps what it knows of its notebook. */
const NOTEBOOK =
  "getattr(__import__('IPython').get_ipython(), '_jupyter_aml_notebook', None)";

/** Whether the kernel has brought the variables of a job. Waits for its turn. */
export async function hasVariables(
  kernel: Kernel.IKernelConnection,
  job: string
): Promise<boolean> {
  const content = await ask(kernel, {
    code: '',
    user_expressions: {
      brought: `${JSON.stringify(job)} in getattr(${NOTEBOOK}, 'brought', ())`
    }
  });
  const answer = content.user_expressions?.brought as
    { data?: Record<string, string> } | undefined;
  return answer?.data?.['text/plain'] === 'True';
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
