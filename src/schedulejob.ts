/** From a job to a schedule that makes the same again. */
import { showErrorMessage } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ApiError } from './request';
import { askForSchedule } from './scheduledialog';
import { scheduled } from './scheduleform';
import type { IAmlManager } from './tokens';
import type { Schedule } from './wire';

/** Null if the person changed their mind, or it cannot be scheduled, which is told. */
export async function scheduleJob(
  name: string,
  manager: IAmlManager,
  trans: TranslationBundle
): Promise<Schedule | null> {
  try {
    const job = await manager.call('jobs.get', { name });
    const spec = scheduled(job.spec);
    if (!spec) {
      throw new ApiError({
        code: 'Invalid',
        message: trans.__('%1 cannot be scheduled.', name),
        hint: trans.__('Run its notebook as a job, and schedule that.')
      });
    }
    return await askForSchedule({
      manager,
      trans,
      job: { name, displayName: job.spec.displayName ?? '', spec }
    });
  } catch (reason) {
    const error = ApiError.from(reason);
    await showErrorMessage(
      error.message,
      error.hint || trans.__('Nothing was scheduled.')
    );
    return null;
  }
}
