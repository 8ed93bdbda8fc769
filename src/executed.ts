/** The executed copy of a notebook that ran as a job, beside the notebook that it came from. */
import { PageConfig } from '@jupyterlab/coreutils';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import { serverPath } from './reattach';
import { ApiError } from './request';
import { readFileOf } from './save';
import type { IAmlManager } from './tokens';
import type { Job } from './wire';

/** Save the copy and open it. A copy that was saved before is written anew. */
export async function openExecuted(
  job: Job,
  manager: IAmlManager,
  contents: Contents.IManager,
  commands: CommandRegistry,
  trans: TranslationBundle
): Promise<void> {
  const { value } = await manager.call('jobs.files', { name: job.name });
  const file = value.find(one => one.path.endsWith('.ipynb'));
  if (!file) {
    throw new ApiError({
      code: 'NotFound',
      message: trans.__('%1 has no executed notebook yet.', job.name)
    });
  }
  const blob = await readFileOf(job.name, file.path);
  const path = copyPath(job, PageConfig.getOption('serverRoot'));
  await contents.save(path, {
    type: 'notebook',
    format: 'json',
    content: JSON.parse(await blob.text())
  });
  await commands.execute('docmanager:open', { path });
}

/** Where the copy goes: beside its notebook, else in the server's root. Pure. */
export function copyPath(job: Job, serverRoot: string): string {
  const { spec } = job;
  const kept = spec.type === 'notebook' ? (spec.notebook ?? '') : '';
  const path = serverPath(kept, serverRoot) ?? kept.replace(/^.*\//, '');
  return `${path.replace(/\.ipynb$/, '')}-${job.name}.ipynb`;
}
