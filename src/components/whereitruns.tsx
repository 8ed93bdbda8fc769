/** The fields in which the forms of jobs ask for a compute and an environment. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { IAmlManager } from '../tokens';

export interface IWhere {
  compute: string;
  environment: string;
}

export function WhereItRuns(props: {
  where: IWhere;
  /** Whether the form begins here. */
  focus?: boolean;
  manager: IAmlManager;
  trans: TranslationBundle;
  onChange(change: Partial<IWhere>): void;
}): JSX.Element {
  const { where, focus, manager, trans, onChange } = props;
  return (
    <>
      <label className="field">
        <span>{trans.__('Compute')}</span>
        <select
          data-autofocus={focus || undefined}
          value={where.compute}
          onChange={event => onChange({ compute: event.target.value })}
        >
          {manager.computes.map(({ spec }) => (
            <option key={spec.name}>{spec.name}</option>
          ))}
        </select>
      </label>
      <label className="field">
        <span>{trans.__('Environment')}</span>
        <select
          value={where.environment}
          onChange={event => onChange({ environment: event.target.value })}
        >
          {environmentNames(manager).map(name => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
    </>
  );
}

/** Environments that a job may name. */
function environmentNames(manager: IAmlManager): string[] {
  const names = manager.environments
    .filter(one => !one.archived)
    .map(one => (one.version ? `${one.name}:${one.version}` : one.name));
  return Array.from(new Set(['kernel', ...names]));
}
