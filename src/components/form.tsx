/** What every form in a dialog has: its title, its fields, what was refused, and its foot. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { ApiError } from '../request';
import { IconButton } from './controls';
import { Answers, Foot } from './foot';
import { ErrorMessage } from './message';

export interface IFormProps {
  title: string;
  /** Small, beside the title: where it is to be, say. */
  aside?: string;
  /** Why it cannot be sent as it is; empty when it can. */
  trouble: string;
  /** What sends it: a verb and its object. */
  action: string;
  /** The same as code, in the foot where nothing is missing. */
  twins?: React.ReactNode;
  /** How it goes, of a form that stays until the service has answered. */
  sending?: ISending;
  trans: TranslationBundle;
  children: React.ReactNode;
  onSubmit(): void;
  onCancel(): void;
  onKeyDown?(event: React.KeyboardEvent): void;
}

export function Form(props: IFormProps): JSX.Element {
  const { trouble, sending, trans, onCancel } = props;
  const isBusy = sending?.isBusy ?? false;
  const error = sending?.error ?? null;
  const refusal = React.useRef<HTMLDivElement>(null);
  React.useEffect(() => {
    if (error) {
      refusal.current?.scrollIntoView({ block: 'nearest' });
    }
  }, [error]);
  return (
    <form
      className="aml-form"
      aria-busy={isBusy}
      onKeyDown={props.onKeyDown}
      onSubmit={event => {
        event.preventDefault();
        if (!trouble && !isBusy) {
          props.onSubmit();
        }
      }}
    >
      <h2>
        {props.title}
        <span className="grow" />
        {props.aside && <span className="s">{props.aside}</span>}
        <IconButton
          glyph="close"
          label={trans.__('Close')}
          onClick={onCancel}
        />
      </h2>
      {props.children}
      {error && (
        <div ref={refusal}>
          <ErrorMessage error={error} trans={trans} />
        </div>
      )}
      <Foot said={trouble}>
        {!trouble && props.twins}
        <Answers>
          <button type="button" className="btn" onClick={onCancel}>
            {trans.__('Cancel')}
          </button>
          <button
            type="submit"
            className="btn accept"
            disabled={Boolean(trouble) || isBusy}
            title={trouble || undefined}
          >
            {props.action}
          </button>
        </Answers>
      </Foot>
    </form>
  );
}

export interface ISending {
  /** What the service refused it with; null while that is not known or no more. */
  error: ApiError | null;
  isBusy: boolean;
  /** Send it. Where that is refused the form stays, and what was typed with it. */
  send(action: () => Promise<void>): Promise<ApiError | null>;
  /** Something was changed: what was refused is no more what would be sent. */
  forget(): void;
}

export function useSending(): ISending {
  const [error, setError] = React.useState<ApiError | null>(null);
  const [isBusy, setBusy] = React.useState(false);
  const send = async (action: () => Promise<void>) => {
    setBusy(true);
    setError(null);
    try {
      await action();
      return null;
    } catch (reason) {
      const refused = ApiError.from(reason);
      setError(refused);
      return refused;
    } finally {
      setBusy(false);
    }
  };
  return { error, isBusy, send, forget: () => setError(null) };
}
