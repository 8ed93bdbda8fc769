/** The last line of a dialog, in sight however long the dialog is: what is said, and the answers. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';

export function Foot(props: {
  /** Told to screen readers when it changes. */
  said?: string;
  children: React.ReactNode;
}): JSX.Element {
  return (
    <div className="foot">
      <span className={props.said ? 's grow' : 's'} role="status">
        {props.said}
      </span>
      {props.children}
    </div>
  );
}

/** The ways out, side by side at the end. */
export function Answers(props: { children: React.ReactNode }): JSX.Element {
  return <div className="answers">{props.children}</div>;
}

/** Of a dialog that asks nothing. Its button has the focus. */
export function CloseFoot(props: {
  said?: string;
  trans: TranslationBundle;
  children?: React.ReactNode;
  onClose(): void;
}): JSX.Element {
  return (
    <Foot said={props.said}>
      {props.children}
      <Answers>
        <button
          type="button"
          className="btn"
          data-autofocus
          onClick={props.onClose}
        >
          {props.trans.__('Close')}
        </button>
      </Answers>
    </Foot>
  );
}
