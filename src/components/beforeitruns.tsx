/** Of a job in a form: its price, how soon it starts, what would be refused. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { FactSpans } from '../preflightstrip';
import type { IAmlManager } from '../tokens';
import type { Job, Preflight } from '../wire';
import { StateShape } from './controls';

/** Typing is not checked letter by letter. */
const PAUSE_MS = 300;

export function BeforeItRuns(props: {
  /** Null while the form is not whole. */
  spec: Job['spec'] | null;
  manager: IAmlManager;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { spec, manager, trans } = props;
  const service = useCheck(manager, spec ? JSON.stringify(spec) : '');
  return service ? (
    <div
      className="aml-strip"
      role="group"
      aria-label={trans.__('Before it runs')}
    >
      {service.problems.map(problem => (
        <div
          key={`${problem.code}/${problem.where}`}
          className={problem.severity === 'warning' ? 'warned' : 'bad'}
        >
          <StateShape
            shape={problem.severity === 'warning' ? 'warn' : 'failed'}
          />
          <span>{problem.cause}</span>
        </div>
      ))}
      <div className="aml-facts">
        <FactSpans
          checked={{ service, kernel: { kind: 'none' } }}
          trans={trans}
        />
      </div>
    </div>
  ) : null;
}

/** What the service says of a spec; null until it has, and for an empty one. */
function useCheck(manager: IAmlManager, asked: string): Preflight | null {
  const [service, setService] = React.useState<Preflight | null>(null);
  React.useEffect(() => {
    if (!asked) {
      return;
    }
    let isWanted = true;
    const timer = window.setTimeout(() => {
      const body = { spec: JSON.parse(asked) as Job['spec'] };
      manager.call('jobs.preflight', { body }).then(
        found => isWanted && setService(found as Preflight),
        // It is refused, with its reason, when it is sent.
        reason => console.debug('jupyter-aml: no check of a job', reason)
      );
    }, PAUSE_MS);
    return () => {
      isWanted = false;
      window.clearTimeout(timer);
    };
  }, [asked]);
  return asked ? service : null;
}
