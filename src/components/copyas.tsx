/** The same as code: three buttons that copy, and the line as it stands. */
import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { ITwins } from '../twins';
import { TextButton } from './controls';

export function CopyAs(props: {
  twins: ITwins;
  trans: TranslationBundle;
}): JSX.Element {
  const { twins, trans } = props;
  const [copied, setCopied] = React.useState('');
  const button = (name: string, text: string) => (
    <TextButton
      size="md"
      label={name}
      title={text}
      onClick={() => {
        Clipboard.copyToSystem(text);
        setCopied(text);
      }}
    />
  );
  return (
    <div
      className="fx aml-copyas"
      role="group"
      aria-label={trans.__('Copy as')}
    >
      <span className="s">{trans.__('Copy as')}</span>
      {button(trans.__('Magic'), twins.magic)}
      {button(trans.__('Python'), twins.python)}
      {button(trans.__('CLI'), twins.cli)}
      <span className="s" role="status">
        {Object.values(twins).includes(copied) ? trans.__('Copied') : ''}
      </span>
      <code className="ell s">{twins.magic}</code>
    </div>
  );
}
