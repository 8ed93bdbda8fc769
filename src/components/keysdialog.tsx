import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { ApiError } from '../request';
import type { IAmlManager } from '../tokens';
import type { EndpointKeys } from '../wire';
import { IconButton, TextButton } from './controls';
import { CloseFoot } from './foot';
import { ErrorMessage } from './message';

export interface IKeysProps {
  name: string;
  title: string;
  keys: EndpointKeys;
  manager: IAmlManager;
  trans: TranslationBundle;
  close(answer: null): void;
}

/** Both keys, hidden until asked for. Renewing one leaves clients of the other alone. */
export function KeysDialog(props: IKeysProps): JSX.Element {
  const { name, title, manager, trans, close } = props;
  const [keys, setKeys] = React.useState(props.keys);
  const [error, setError] = React.useState<ApiError | null>(null);
  const [said, setSaid] = React.useState('');
  const renew = async (keyType: 'primary' | 'secondary') => {
    try {
      const args = { name, body: { keyType } };
      setKeys(await manager.call('online_endpoints.regenerate_key', args));
      setError(null);
      setSaid(trans.__('Renewed; the old one opens nothing now.'));
    } catch (reason) {
      setError(ApiError.from(reason));
    }
  };
  const copy = (text: string) => {
    Clipboard.copyToSystem(text);
    setSaid(trans.__('Copied'));
  };
  const row = (label: string, key: string, type: 'primary' | 'secondary') => (
    <Key
      key={type}
      label={label}
      secret={key}
      trans={trans}
      onCopy={() => copy(key)}
      onRenew={() => void renew(type)}
    />
  );
  return (
    <div className="aml-form">
      <h2>{title}</h2>
      {row(trans.__('First key'), keys.primaryKey, 'primary')}
      {row(trans.__('Second key'), keys.secondaryKey, 'secondary')}
      {error && <ErrorMessage error={error} trans={trans} />}
      <p className="s">
        {trans.__(
          'Either opens the endpoint. Move clients to one, then renew the other.'
        )}
      </p>
      <CloseFoot said={said} trans={trans} onClose={() => close(null)} />
    </div>
  );
}

function Key(props: {
  label: string;
  secret: string;
  trans: TranslationBundle;
  onCopy(): void;
  onRenew(): void;
}): JSX.Element {
  const { label, secret, trans } = props;
  const [isShown, setShown] = React.useState(false);
  return (
    <div className="fx aml-key">
      <label className="field grow">
        <span>{label}</span>
        <input
          readOnly
          type={isShown ? 'text' : 'password'}
          autoComplete="off"
          value={secret}
        />
      </label>
      <TextButton
        label={isShown ? trans.__('Hide') : trans.__('Show')}
        onClick={() => setShown(!isShown)}
      />
      <IconButton
        glyph="copy"
        label={trans.__('Copy: %1', label)}
        onClick={props.onCopy}
      />
      <TextButton
        glyph="refresh"
        label={trans.__('Renew')}
        onClick={props.onRenew}
      />
    </div>
  );
}
