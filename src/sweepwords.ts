/** A sweep in words: how far it is, how it searches, what it ends early. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IState } from './status';
import { jobState } from './status';
import { countTrials, SweepSpec } from './sweep';
import type { Trial, TrialList } from './wire';

/** "12 of 20 trials ended, 2 running, 3 of them early". */
export function progressOf(list: TrialList, trans: TranslationBundle): string {
  const { ended, running, early, failed } = countTrials(list.value);
  return [
    trans._n(
      '%2 of %1 trial ended',
      '%2 of %1 trials ended',
      list.total,
      ended
    ),
    running ? trans._n('%1 running', '%1 running', running) : '',
    early ? trans._n('%1 ended early', '%1 ended early', early) : '',
    failed ? trans._n('%1 failed', '%1 failed', failed) : ''
  ]
    .filter(Boolean)
    .join(', ');
}

/** A trial that a policy has ended is not one that a person has canceled. */
export function trialState(trial: Trial, trans: TranslationBundle): IState {
  return trial.terminated
    ? { shape: 'stopped', word: trans.__('Ended early') }
    : jobState({ ...trial, attempt: 1 }, trans);
}

export function samplingWords(
  { sampling }: Pick<SweepSpec, 'sampling'>,
  trans: TranslationBundle
): string {
  switch (sampling?.type) {
    case 'grid':
      return trans.__('every combination');
    case 'bayesian':
      return trans.__('Bayesian');
    default:
      return sampling?.rule === 'sobol'
        ? trans.__('Sobol sequence')
        : trans.__('random');
  }
}

export function policyWords(
  { earlyTermination: policy }: Pick<SweepSpec, 'earlyTermination'>,
  trans: TranslationBundle
): string {
  switch (policy?.type) {
    case 'bandit':
      return policy.slackFactor
        ? trans.__('worse than the best by factor %1', policy.slackFactor)
        : trans.__('worse than the best by %1', policy.slackAmount ?? 0);
    case 'median_stopping':
      return trans.__('worse than the median');
    case 'truncation_selection':
      return trans.__('the worst %1 %', policy.truncationPercentage);
    default:
      return trans.__('none');
  }
}

/** "8 at most, 2 at once". */
export function limitWords(
  { limits }: Pick<SweepSpec, 'limits'>,
  total: number,
  trans: TranslationBundle
): string {
  const most = trans._n('%1 at most', '%1 at most', total);
  const atOnce = limits?.maxConcurrentTrials;
  return atOnce ? trans.__('%1, %2 at once', most, atOnce) : most;
}
