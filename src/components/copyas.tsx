/** The same as code: buttons that copy, and the first line as it stands. */
import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { ITwins } from '../twins';
import { TextButton } from './controls';

/** Magic, Python and CLI: what each action has. */
export function CopyAs(props: {
  twins: ITwins;
  trans: TranslationBundle;
}): JSX.Element {
  const { twins, trans } = props;
  return (
    <CopyEach
      texts={[
        [trans.__('Magic'), twins.magic],
        [trans.__('Python'), twins.python],
        [trans.__('CLI'), twins.cli]
      ]}
      trans={trans}
    />
  );
}

/** Texts with their labels; the first is shown. */
export function CopyEach(props: {
  texts: readonly (readonly [string, string])[];
  trans: TranslationBundle;
}): JSX.Element {
  const { texts, trans } = props;
  const [copied, setCopied] = React.useState('');
  return (
    <div
      className="fx aml-copyas"
      role="group"
      aria-label={trans.__('Copy as')}
    >
      <span className="s">{trans.__('Copy as')}</span>
      {texts.map(([label, text]) => (
        <TextButton
          key={label}
          size="md"
          label={label}
          title={text}
          onClick={() => {
            Clipboard.copyToSystem(text);
            setCopied(text);
          }}
        />
      ))}
      <span className="s" role="status">
        {texts.some(([, text]) => text === copied) ? trans.__('Copied') : ''}
      </span>
      <code className="ell s">{texts[0]?.[1]}</code>
    </div>
  );
}
