/** What the registry knows of a model before it is deployed. Whether it loads is not known yet. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { needsScript } from '../deployform';
import type { Shape } from '../status';
import type { Model } from '../wire';
import { bytes } from '../words';
import { StateShape } from './controls';

export function DeployFacts(props: {
  model: Model;
  trans: TranslationBundle;
}): JSX.Element {
  const { model, trans } = props;
  const { flavors, requirements, python, sample } = model;
  const loads = Object.keys(flavors).join(', ');
  const facts: [Shape, string][] = [
    needsScript(model)
      ? ['warn', trans.__('Needs a script with init() and run()')]
      : ['done', trans.__('Needs no script: %1', loads || model.type)],
    [
      'box',
      requirements.length
        ? trans.__('Needs %1', requirements.join(', '))
        : trans.__('Needs no package')
    ],
    python
      ? ['done', trans.__('Runs in the Python that it was saved with')]
      : ['box', trans.__('Runs in the Python of the service')],
    sample
      ? ['done', trans.__('Has a sample to try it with')]
      : ['box', trans.__('Has no sample: the request is up to you')]
  ];
  return (
    <div className="aml-box aml-known" role="group" aria-label={model.name}>
      <b>{trans.__('Known before it starts')}</b>
      <span className="s">{bytes(model.bytes)}</span>
      {facts.map(([shape, words]) => (
        <span key={words} className="state" title={words}>
          <StateShape shape={shape} />
          <span className="ell">{words}</span>
        </span>
      ))}
    </div>
  );
}
