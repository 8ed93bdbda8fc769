/** What is said of a model wherever it is shown: in its row and in its view. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { Model } from '../wire';

export function modelFacts(
  model: Model,
  trans: TranslationBundle
): [string, string][] {
  return [
    [trans.__('About'), model.description],
    [trans.__('Stage'), model.stage === 'None' ? '' : String(model.stage)],
    [trans.__('Loads with'), Object.keys(model.flavors).join(', ')],
    [trans.__('Needs'), model.requirements.join(', ')]
  ];
}
