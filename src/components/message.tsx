import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Glyph } from '../glyphs';
import type { ApiError } from '../request';
import type { ErrorBody } from '../wire';
import { CommandLine, GlyphIcon, LinkButton, StateShape } from './controls';
import type { Shape } from '../status';

/** Colour of the message's edge. */
export type MessageKind = 'err' | 'warn' | 'info' | 'good';

const SHAPES: Record<MessageKind, Shape> = {
  err: 'failed',
  warn: 'warn',
  info: 'queued',
  good: 'done'
};

export function Message(props: {
  kind: MessageKind;
  /** In place of the kind's own shape. */
  glyph?: Glyph;
  title: string;
  text?: React.ReactNode;
  children?: React.ReactNode;
}): JSX.Element {
  return (
    <div
      className={`aml-msg ${props.kind}`}
      role={props.kind === 'err' ? 'alert' : 'status'}
    >
      <div className="top">
        {props.glyph ? (
          <GlyphIcon glyph={props.glyph} className={`aml-${props.kind}`} />
        ) : (
          <StateShape shape={SHAPES[props.kind]} size={16} />
        )}
        <div>
          <div className="ttl">{props.title}</div>
          {props.text && <div className="s aml-under">{props.text}</div>}
        </div>
      </div>
      {props.children}
    </div>
  );
}

/** An error in its one order: cause, where, fix, raw. */
export function ErrorMessage(props: {
  error: ApiError | ErrorBody;
  trans: TranslationBundle;
  onDismiss?(): void;
  children?: React.ReactNode;
}): JSX.Element {
  const { error, trans, onDismiss } = props;
  const details = error.details ?? [];
  const { text, command } = splitHint(error.hint ?? '');
  return (
    <Message
      kind="err"
      title={error.message}
      text={error.target && trans.__('Where: %1', error.target)}
    >
      {text && <div className="s">{text}</div>}
      {command && <CommandLine text={command} trans={trans} />}
      {(props.children || onDismiss) && (
        <div className="acts">
          {props.children}
          {onDismiss && (
            <LinkButton label={trans.__('Dismiss')} onClick={onDismiss} />
          )}
        </div>
      )}
      <details>
        <summary>{trans.__('Raw: %1', error.code)}</summary>
        <pre className="aml-raw">
          {[...details].join('\n') || error.message}
        </pre>
      </details>
    </Message>
  );
}

/** A hint's sentence and the first command in it (between backquotes), which gets a Copy button. */
export function splitHint(hint: string): { text: string; command: string } {
  const command = /`([^`]+)`/.exec(hint)?.[1] ?? '';
  return { text: hint.replace(/`([^`]+)`/g, '$1'), command };
}

/** A line beside a small glyph, for facts which are not states. */
export function Fact(props: {
  glyph: Glyph;
  children: React.ReactNode;
}): JSX.Element {
  return (
    <span className="fx4 s">
      <GlyphIcon glyph={props.glyph} size={12} />
      <span>{props.children}</span>
    </span>
  );
}
