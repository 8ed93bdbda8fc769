/** How long something usually takes, in words; silent where too little is known. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { UsualStart, Wait, WaitStage } from './wire';
import { duration } from './words';

/** "3 to 6 min", "2 min", "12 s". Seconds in, whole minutes out where they are minutes. */
export function range(
  low: number,
  high: number,
  trans: TranslationBundle
): string {
  if (high < 90) {
    const from = Math.round(low);
    const to = Math.round(high);
    return to <= 1
      ? trans.__('about 1 s')
      : from === to
        ? trans.__('%1 s', to)
        : trans.__('%1 to %2 s', from, to);
  }
  const from = Math.round(low / 60);
  const to = Math.round(high / 60);
  return from === to
    ? trans.__('%1 min', to)
    : from === 0
      ? trans.__('up to %1 min', to)
      : trans.__('%1 to %2 min', from, to);
}

/** "usually 3 to 6 min", or nothing. */
export function usually(
  known: Partial<Pick<Wait | WaitStage, 'usualLow' | 'usualHigh'>>,
  trans: TranslationBundle
): string {
  const low = known.usualLow ?? null;
  const high = known.usualHigh ?? null;
  return low === null || high === null
    ? ''
    : trans.__('usually %1', range(low, high, trans));
}

/** The usual start on a size in the notebook's own environment, or nothing. */
export function usualStart(
  starts: readonly UsualStart[],
  size: string,
  situation: UsualStart['situation'],
  trans: TranslationBundle
): string {
  const known = starts.find(
    one =>
      one.size === size &&
      one.situation === situation &&
      one.environment === 'kernel'
  );
  return known ? range(known.low, known.high, trans) : '';
}

/** The stage that a job is in, what it waits for and how long that usually takes. */
export function waitDetail(wait: Wait, trans: TranslationBundle): string {
  const stage = wait.stages.find(one => one.state === 'current');
  return [stage?.reason, usually(wait, trans)].filter(Boolean).join(', ');
}

export function stageWord(
  name: WaitStage['name'],
  trans: TranslationBundle
): string {
  switch (name) {
    case 'queued':
      return trans.__('In line');
    case 'node':
      return trans.__('Node');
    case 'snapshot':
      return trans.__('Code');
    case 'environment':
      return trans.__('Environment');
    case 'process':
      return trans.__('Process');
    case 'running':
      return trans.__('Running');
    case 'outputs':
      return trans.__('Outputs');
  }
}

/** How long a stage has taken, and how long it usually does. */
export function stageTimes(stage: WaitStage, trans: TranslationBundle): string {
  const took = stage.state === 'ahead' ? '' : duration(stage.seconds, trans);
  return [took, usually(stage, trans)].filter(Boolean).join(', ');
}
