/** What is wrong with the connection or the rights, with the fix; one at the top of the panel. */
import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { CommandIDs, IAmlManager, Link } from '../tokens';
import { CommandLine, LinkButton, TextButton } from './controls';
import { useNow } from './hooks';
import { ErrorMessage, Message, splitHint } from './message';

interface IBannerProps {
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

export function LinkBanner(props: IBannerProps): JSX.Element | null {
  const { manager, commands, trans } = props;
  const { link } = manager;
  const onRetry = () => manager.reconnect();
  const onLook = () => manager.reconnect(false);
  const onLog = () => void commands.execute(CommandIDs.showServiceLog);
  switch (link.kind) {
    case 'missing':
      return <Missing trans={trans} onRetry={onRetry} />;
    case 'down':
      return <Down {...{ link, trans, onRetry, onLook, onLog }} />;
    case 'refused':
      return (
        <div className="aml-banner">
          <ErrorMessage error={link.error} trans={trans} />
          <NextLook {...{ retryAt: link.retryAt, trans, onLook }} />
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
          <NextLook {...{ retryAt: link.retryAt, trans, onLook }} />
        </Banner>
      );
    case 'online':
      return manager.mayWrite ? null : <ReadOnly trans={trans} />;
    default:
      return null;
  }
}

function Missing(props: {
  trans: TranslationBundle;
  onRetry(): void;
}): JSX.Element {
  const { trans } = props;
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
          onClick={props.onRetry}
        />
      </div>
    </Banner>
  );
}

/** Starts nothing by itself: somebody may have stopped it. */
function Down(props: {
  link: Extract<Link, { kind: 'down' }>;
  trans: TranslationBundle;
  onRetry(): void;
  onLook(): void;
  onLog(): void;
}): JSX.Element {
  const { link, trans, onRetry, onLook, onLog } = props;
  const { text } = splitHint(link.error.hint);
  const said =
    link.error.code === 'ServiceNotRunning'
      ? trans.__('It was stopped. Your jobs and their output are on disk.')
      : [link.error.message, text].filter(Boolean).join(' ');
  return (
    <Banner title={trans.__('The compute service is not running')} text={said}>
      <div className="acts">
        <TextButton
          kind="accept"
          glyph="play"
          label={trans.__('Start it')}
          onClick={onRetry}
        />
        <LinkButton label={trans.__('Show its log')} onClick={onLog} />
      </div>
      <div className="s">{trans.__('or in a terminal:')}</div>
      <CommandLine text="jupyter aml service start" trans={trans} />
      <NextLook {...{ retryAt: link.retryAt, trans, onLook }} />
    </Banner>
  );
}

/** Reading is allowed, writing is not: Jupyter Server's authorizer decides. */
function ReadOnly(props: { trans: TranslationBundle }): JSX.Element {
  const { trans } = props;
  const [isCopied, setCopied] = React.useState(false);
  const request = trans.__(
    'I would like to use compute from Jupyter: in the authorizer of Jupyter Server, allow my user the action "write" on the resource "jupyter_aml".'
  );
  return (
    <div className="aml-banner">
      <Message
        kind="warn"
        glyph="lock"
        title={trans.__('You can look, not change')}
        text={trans.__(
          'Starting compute needs the right to write to %1 on this Jupyter Server.',
          'jupyter_aml'
        )}
      >
        <div className="acts">
          <TextButton
            size="md"
            glyph="copy"
            label={trans.__('Copy a request to the owner')}
            onClick={() => {
              Clipboard.copyToSystem(request);
              setCopied(true);
            }}
          />
          <span className="s" role="status">
            {isCopied ? trans.__('Copied') : ''}
          </span>
        </div>
        <details>
          <summary>{trans.__('Raw: %1', 'Forbidden, 403')}</summary>
          <pre className="aml-raw">{request}</pre>
        </details>
      </Message>
    </div>
  );
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
  onLook(): void;
}): JSX.Element {
  const { retryAt, trans, onLook } = props;
  const seconds = Math.ceil((retryAt - useNow(true)) / 1000);
  return (
    <div className="s num">
      {seconds > 0
        ? trans.__('Looking again in %1 s.', seconds)
        : trans.__('Looking again.')}{' '}
      <LinkButton label={trans.__('Now')} onClick={onLook} />
    </div>
  );
}
