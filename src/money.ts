/** The budget and its guard in words. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Shape } from './status';
import type { CostSummary, Guard } from './wire';
import { money, shortClock } from './words';

export interface IGuardWords {
  shape: Shape | 'shield';
  word: string;
  /** What it did and what comes next, where there is more to say. */
  more: string;
}

/** What the guard of the budget does; null where none is set. */
export function guardWords(
  guard: Guard,
  trans: TranslationBundle
): IGuardWords | null {
  const more = guard.message;
  switch (guard.state) {
    case 'off':
      return null;
    case 'watching':
      return { shape: 'shield', word: trans.__('guard on'), more: '' };
    case 'warned':
      return { shape: 'warn', word: trans.__('budget nearly used up'), more };
    case 'holding':
      return { shape: 'warn', word: trans.__('no new paid work'), more };
    case 'stopping':
      return { shape: 'warn', word: trans.__('stopping what costs'), more };
    case 'silent': {
      const word = guard.seenAt
        ? trans.__('guard not seen since %1', shortClock(guard.seenAt))
        : trans.__('guard not seen');
      return { shape: 'warn', word, more };
    }
  }
}

/** "$9.31 of $20.00 today"; rehearsal money is always "would be". */
export function spentWords(
  costs: CostSummary,
  trans: TranslationBundle
): string {
  const spent = money(costs.spentToday);
  const { budgetPerDay, rehearsal } = costs;
  if (budgetPerDay === null) {
    return rehearsal
      ? trans.__('%1 today, would be', spent)
      : trans.__('%1 today', spent);
  }
  const budget = money(budgetPerDay);
  return rehearsal
    ? trans.__('%1 of %2 today, would be', spent, budget)
    : trans.__('%1 of %2 today', spent, budget);
}

/** "lasts to 17:34", or nothing. */
export function lastsWords(
  costs: CostSummary,
  trans: TranslationBundle
): string {
  return costs.lastsUntil
    ? trans.__('lasts to %1', shortClock(costs.lastsUntil))
    : '';
}

/** What the budget does to something that costs this much a day, or nothing. */
export function budgetNote(
  perDay: number,
  costs: CostSummary | null,
  action: string,
  trans: TranslationBundle
): string {
  const budget = costs?.budgetPerDay ?? null;
  if (budget === null || perDay <= budget) {
    return '';
  }
  const amount = money(budget);
  switch (action) {
    case 'stop':
      return trans.__('Your budget stops it at %1 a day.', amount);
    case 'hold':
      return trans.__('Your budget takes no new work at %1 a day.', amount);
    default:
      return trans.__('Your budget warns at %1 a day.', amount);
  }
}
