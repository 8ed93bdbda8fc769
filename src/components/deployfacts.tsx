/** What the registry knows of a model before it is deployed. Whether it loads is not known yet. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { needsScript } from '../deployform';
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
  const facts: [boolean, string][] = [
    needsScript(model)
      ? [false, trans.__('Needs a script with init() and run()')]
      : [true, trans.__('Needs no script: %1', loads || model.type)],
    [
      true,
      requirements.length
        ? trans.__('Needs %1', requirements.join(', '))
        : trans.__('Needs no package')
    ],
    python
      ? [true, trans.__('Runs in the Python that it was saved with')]
      : [true, trans.__('Runs in the Python of the service')],
    sample
      ? [true, trans.__('Has a sample to try it with')]
      : [false, trans.__('Has no sample: the request is up to you')]
  ];
  return (
    <div className="aml-box aml-known" role="group" aria-label={model.name}>
      <b>{trans.__('Known before it starts')}</b>
      <span className="s">{bytes(model.bytes)}</span>
      {facts.map(([isGood, words]) => (
        <span key={words} className="state" title={words}>
          <StateShape shape={isGood ? 'done' : 'warn'} />
          <span className="ell">{words}</span>
        </span>
      ))}
      <span className="s full">
        {trans.__(
          'Whether it loads is seen when it starts. It gets no request before it answers.'
        )}
      </span>
    </div>
  );
}
