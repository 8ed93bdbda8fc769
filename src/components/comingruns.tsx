import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { ApiError } from '../request';
import { triggerWords } from '../schedulewords';
import type { IAmlManager } from '../tokens';
import type { Trigger } from '../wire';
import { moment } from '../words';
import { ErrorMessage, Message } from './message';

/** Typing is not checked letter by letter. */
const PAUSE_MS = 300;

type Told =
  | { times: readonly string[]; warnings: readonly string[] }
  | { error: ApiError };

/** The trigger in words, and the next times that it makes a job: the service knows them. */
export function ComingRuns(props: {
  manager: IAmlManager;
  trigger: Trigger;
  trans: TranslationBundle;
}): JSX.Element {
  const { manager, trigger, trans } = props;
  const told = useComing(manager, JSON.stringify(trigger));
  if (told && 'error' in told) {
    return <ErrorMessage error={told.error} trans={trans} />;
  }
  return (
    <div className="aml-coming" role="status">
      <b>
        {trans.__(
          'Makes it %1, %2',
          triggerWords(trigger, trans),
          trigger.timeZone ?? ''
        )}
      </b>
      {told && (
        <span className="s num">
          {trans.__(
            'Next: %1',
            told.times.map(time => moment(time, trigger.timeZone)).join(' · ')
          )}
        </span>
      )}
      {told?.warnings.map(warning => (
        <Message key={warning} kind="warn" title={warning} />
      ))}
    </div>
  );
}

function useComing(manager: IAmlManager, asked: string): Told | null {
  const [told, setTold] = React.useState<Told | null>(null);
  React.useEffect(() => {
    let isWanted = true;
    const timer = window.setTimeout(() => {
      const body = { trigger: JSON.parse(asked) as Trigger, count: 3 };
      manager.call('schedules.preview', { body }).then(
        ({ value, warnings = [] }) =>
          isWanted && setTold({ times: value, warnings }),
        reason => isWanted && setTold({ error: ApiError.from(reason) })
      );
    }, PAUSE_MS);
    return () => {
      isWanted = false;
      window.clearTimeout(timer);
    };
  }, [manager, asked]);
  return told;
}
