/** Folders and files of an asset, to walk through. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Entry } from '../wire';
import { bytes } from '../words';
import { LinkButton } from './controls';

/** An entry's path may be told from the root of the asset or from its folder. */
export function join(folder: string, path: string): string {
  return folder && !path.startsWith(`${folder}/`) ? `${folder}/${path}` : path;
}

/** The folders above, each a way back. */
export function FolderPath(props: {
  folder: string;
  trans: TranslationBundle;
  onOpen(folder: string): void;
}): JSX.Element {
  const { folder, trans, onOpen } = props;
  const parts = folder ? folder.split('/') : [];
  return (
    <nav className="fx s" aria-label={trans.__('Folder')}>
      <LinkButton label={trans.__('All files')} onClick={() => onOpen('')} />
      {parts.map((part, index) => (
        <React.Fragment key={index}>
          <span>/</span>
          <LinkButton
            label={part}
            onClick={() => onOpen(parts.slice(0, index + 1).join('/'))}
          />
        </React.Fragment>
      ))}
    </nav>
  );
}

export function Files(props: {
  entries: readonly Entry[];
  chosen: string;
  /** Files are named only: nothing shows what is in them. */
  onlyFolders?: boolean;
  trans: TranslationBundle;
  onChoose(entry: Entry): void;
}): JSX.Element {
  const { entries, chosen, trans, onChoose } = props;
  return (
    <table aria-label={trans.__('Files')}>
      <thead>
        <tr>
          <th>{trans.__('Name')}</th>
          <th className="r">{trans.__('Size')}</th>
        </tr>
      </thead>
      <tbody>
        {entries.map(entry => (
          <tr
            key={entry.path}
            aria-selected={chosen.endsWith(entry.path) && !entry.folder}
          >
            <td>
              {entry.folder || !props.onlyFolders ? (
                <LinkButton
                  label={entry.folder ? `${entry.path}/` : entry.path}
                  onClick={() => onChoose(entry)}
                />
              ) : (
                entry.path
              )}
            </td>
            <td className="r">{entry.folder ? '' : bytes(entry.bytes)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
