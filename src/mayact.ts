import type { TranslationBundle } from '@jupyterlab/translation';
import type { IAmlManager } from './tokens';

/** Why nothing can be asked for now, for captions and names of what is disabled; else empty. */
export function whyNot(
  manager: Pick<IAmlManager, 'link' | 'mayWrite'>,
  trans: TranslationBundle
): string {
  if (manager.link.kind !== 'online') {
    return trans.__('The compute service is not reached');
  }
  return manager.mayWrite ? '' : trans.__('You can look, not change');
}

export function mayAct(
  manager: Pick<IAmlManager, 'link' | 'mayWrite'>
): boolean {
  return manager.link.kind === 'online' && manager.mayWrite;
}
