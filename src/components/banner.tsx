/** What is wrong with the connection, with the fix; one at the top of the panel. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Link } from '../tokens';
import { CommandLine, LinkButton, TextButton } from './controls';
import { useNow } from './hooks';
import { ErrorMessage, Message, splitHint } from './message';

export function LinkBanner(props: {
  link: Link;
  trans: TranslationBundle;
  onRetry(): void;
}): JSX.Element | null {
  const { link, trans, onRetry } = props;
  switch (link.kind) {
    case 'missing':
      return (
        <Banner
          title={trans.__('The server part is not enabled')}
          text={trans.__(
            'Only the browser part of jupyter_aml is loaded. Type this, then restart Jupyter:'
          )}
        >
          <CommandLine
            text="jupyter server extension enable jupyter_aml"
            trans={trans}
          />
          <div className="acts">
            <TextButton
              size="md"
              label={trans.__('Look again')}
              onClick={onRetry}
            />
          </div>
        </Banner>
      );
    case 'down': {
      const { text } = splitHint(link.error.hint);
      return (
        <Banner
          title={trans.__('The compute service is not running')}
          text={[link.error.message, text].filter(Boolean).join(' ')}
        >
          <div className="acts">
            <TextButton
              kind="accept"
              glyph="play"
              label={trans.__('Start it')}
              onClick={onRetry}
            />
          </div>
          <div className="s">{trans.__('or in a terminal:')}</div>
          <CommandLine text="jupyter aml service start" trans={trans} />
          <NextLook {...{ retryAt: link.retryAt, trans, onRetry }} />
        </Banner>
      );
    }
    case 'refused':
      return (
        <div className="aml-banner">
          <ErrorMessage error={link.error} trans={trans} />
          <NextLook {...{ retryAt: link.retryAt, trans, onRetry }} />
        </div>
      );
    case 'unreachable':
      return (
        <Banner
          title={trans.__('Jupyter Server does not answer')}
          text={trans.__(
            'Jobs go on without it. What you see is what was true when it last answered.'
          )}
        >
          <NextLook {...{ retryAt: link.retryAt, trans, onRetry }} />
        </Banner>
      );
    default:
      return null;
  }
}

function Banner(props: {
  title: string;
  text: string;
  children: React.ReactNode;
}): JSX.Element {
  return (
    <div className="aml-banner">
      <Message kind="err" title={props.title} text={props.text}>
        {props.children}
      </Message>
    </div>
  );
}

function NextLook(props: {
  retryAt: number;
  trans: TranslationBundle;
  onRetry(): void;
}): JSX.Element {
  const { retryAt, trans, onRetry } = props;
  const seconds = Math.ceil((retryAt - useNow(true)) / 1000);
  return (
    <div className="s num">
      {seconds > 0
        ? trans.__('Looking again in %1 s.', seconds)
        : trans.__('Looking again.')}{' '}
      <LinkButton label={trans.__('Now')} onClick={onRetry} />
    </div>
  );
}
