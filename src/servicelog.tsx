/** The end of the service's own log, in a dialog: also while no service runs. */
import { Clipboard } from '@jupyterlab/apputils';
import { ServerConnection } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { TextButton } from './components/controls';
import { CloseFoot } from './components/foot';
import { ErrorMessage } from './components/message';
import { IModalProps, showModal } from './components/modal';
import { ApiError, IServiceLog, serviceLog } from './request';

export async function showServiceLog(trans: TranslationBundle): Promise<void> {
  const title = trans.__('Log of the compute service');
  const found = await serviceLog(ServerConnection.makeSettings()).catch(
    reason => ApiError.from(reason)
  );
  await showModal<never>(
    title,
    ({ close }) => (
      <div className="aml-form">
        <h2>{title}</h2>
        {found instanceof ApiError ? (
          <ErrorMessage error={found} trans={trans} />
        ) : (
          <Tail log={found} trans={trans} />
        )}
        <LogFoot close={close} log={found} trans={trans} />
      </div>
    ),
    'aml-wide'
  );
}

/** Begins at its end, where the newest lines are. */
function Tail(props: {
  log: IServiceLog;
  trans: TranslationBundle;
}): JSX.Element {
  const { log, trans } = props;
  const lines = React.useRef<HTMLPreElement>(null);
  React.useEffect(() => {
    const node = lines.current;
    if (node) {
      node.scrollTop = node.scrollHeight;
    }
  }, []);
  return log.text ? (
    <>
      <pre
        ref={lines}
        className="aml-raw aml-tail"
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={trans.__('Newest lines of the log')}
      >
        {log.text}
      </pre>
      <p className="s">{trans.__('All of it: %1', log.path)}</p>
    </>
  ) : (
    <p>{trans.__('No service has written a log here yet.')}</p>
  );
}

function LogFoot(
  props: IModalProps<never> & {
    log: IServiceLog | ApiError;
    trans: TranslationBundle;
  }
): JSX.Element {
  const { log, trans, close } = props;
  const [isCopied, setCopied] = React.useState(false);
  const text = log instanceof ApiError ? '' : log.text;
  return (
    <CloseFoot
      said={isCopied ? trans.__('Copied') : ''}
      trans={trans}
      onClose={() => close(null)}
    >
      {text && (
        <TextButton
          size="md"
          glyph="copy"
          label={trans.__('Copy')}
          onClick={() => {
            Clipboard.copyToSystem(text);
            setCopied(true);
          }}
        />
      )}
    </CloseFoot>
  );
}
