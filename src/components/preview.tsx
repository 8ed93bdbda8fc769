import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Preview } from '../wire';
import { bytes } from '../words';

/** The beginning of a file: a table, text, or that it is neither. */
export function PreviewBox(props: {
  name: string;
  preview: Preview;
  trans: TranslationBundle;
}): JSX.Element {
  const { name, preview, trans } = props;
  return (
    <div className="aml-card">
      <h3>
        {name}
        <span className="grow" />
        <span className="s num">{bytes(preview.bytes)}</span>
      </h3>
      {preview.kind === 'table' && <Table preview={preview} />}
      {preview.kind === 'text' && (
        <pre className="aml-code" tabIndex={0}>
          {preview.text}
        </pre>
      )}
      {(preview.kind === 'binary' || preview.kind === 'image') && (
        <p className="s">
          {trans.__('%1: not shown as text.', preview.mimeType || preview.kind)}
        </p>
      )}
      {preview.truncated && (
        <p className="s">{trans.__('Only its beginning is shown.')}</p>
      )}
    </div>
  );
}

function Table({ preview }: { preview: Preview }): JSX.Element {
  return (
    <div className="aml-scroll" tabIndex={0}>
      <table>
        <thead>
          <tr>
            {preview.columns.map((column, at) => (
              <th key={at}>{column}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {preview.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, at) => (
                <td key={at}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
