/** What the service announces before it does it, with what a person can do about it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Notice } from '../wire';
import { CommandLine } from './controls';
import { Message, MessageKind, splitHint } from './message';

const KINDS: Record<Notice['kind'], MessageKind> = {
  info: 'info',
  warning: 'warn',
  error: 'err'
};

export function ServiceNotices(props: {
  notices: readonly Notice[];
  trans: TranslationBundle;
}): JSX.Element | null {
  if (!props.notices.length) {
    return null;
  }
  return (
    <div className="aml-banner">
      {props.notices.map(notice => {
        const { text, command } = splitHint(notice.hint);
        return (
          <Message
            key={notice.name}
            kind={KINDS[notice.kind]}
            title={notice.text}
            text={text}
          >
            {command && <CommandLine text={command} trans={props.trans} />}
          </Message>
        );
      })}
    </div>
  );
}
