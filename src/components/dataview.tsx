/** A data asset in the main area: its folders and files, and the beginning of one of them. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { ApiError } from '../request';
import type { IAmlManager } from '../tokens';
import type { Data, Entry, Preview } from '../wire';
import { bytes } from '../words';
import { StateShape } from './controls';
import { Facts } from './facts';
import { Files, FolderPath, join } from './files';
import { AssetLinks, JobLink } from './lineage';
import { ErrorMessage } from './message';
import { PreviewBox } from './preview';

export interface IDataViewProps {
  name: string;
  version: string;
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

/** What was read of the asset: itself, one folder of it, one file's beginning. */
interface IRead {
  data: Data | null;
  entries: readonly Entry[];
  isTruncated: boolean;
  preview: Preview | null;
  error: ApiError | null;
}

const NOTHING: IRead = {
  data: null,
  entries: [],
  isTruncated: false,
  preview: null,
  error: null
};

export function DataView(props: IDataViewProps): JSX.Element {
  const { name, version, trans } = props;
  const [folder, setFolder] = React.useState('');
  const [file, setFile] = React.useState('');
  const read = useAsset(props, folder, file);
  const { data } = read;
  return (
    <div className="aml aml-view">
      <div className="hd">
        <StateShape shape="box" size={16} />
        <h2 className="ell">{name}</h2>
        <span>{trans.__('v%1', version)}</span>
        <span className="s num">
          {data &&
            [
              data.type,
              bytes(data.bytes),
              trans._n('%1 file', '%1 files', data.files)
            ].join(', ')}
        </span>
      </div>
      <div className="aml-note">
        {read.error && <ErrorMessage error={read.error} trans={trans} />}
      </div>
      <div className="aml-columns">
        <div className="aml-browse" tabIndex={0}>
          <FolderPath folder={folder} onOpen={setFolder} trans={trans} />
          <Files
            entries={read.entries}
            chosen={file}
            trans={trans}
            onChoose={entry => {
              if (entry.folder) {
                setFolder(join(folder, entry.path));
                setFile('');
              } else {
                setFile(join(folder, entry.path));
              }
            }}
          />
          {read.isTruncated && (
            <p className="s">{trans.__('There are more than are listed.')}</p>
          )}
          {read.preview && (
            <PreviewBox name={file} preview={read.preview} trans={trans} />
          )}
        </div>
        <div className="aml-side" tabIndex={0}>
          {data && <Lineage {...props} data={data} />}
        </div>
      </div>
    </div>
  );
}

function useAsset(props: IDataViewProps, folder: string, file: string): IRead {
  const { manager, name, version } = props;
  const [read, setRead] = React.useState(NOTHING);
  React.useEffect(() => {
    let isOver = false;
    const load = async () => {
      const at = { name, version };
      try {
        const [data, list, preview] = await Promise.all([
          manager.call('data.get', at),
          manager.call('data.browse', { ...at, path: folder }),
          file ? manager.call('data.preview', { ...at, path: file }) : null
        ]);
        return {
          data: data as Data,
          entries: list.value as Entry[],
          isTruncated: list.truncated ?? false,
          preview: preview as Preview | null,
          error: null
        };
      } catch (reason) {
        return { ...NOTHING, error: ApiError.from(reason) };
      }
    };
    void load().then(now => {
      if (!isOver) {
        setRead(now);
      }
    });
    return () => {
      isOver = true;
    };
  }, [manager, name, version, folder, file]);
  return read;
}

/** Which job made it, which used it, and what was learnt from it. */
function Lineage(props: IDataViewProps & { data: Data }): JSX.Element {
  const { data, trans } = props;
  return (
    <div className="aml-card">
      <h3>{trans.__('Where it comes from')}</h3>
      <Facts
        facts={[
          [trans.__('About'), data.description],
          [trans.__('Path'), data.path],
          [
            trans.__('Made by'),
            data.createdByJob ? (
              <JobLink {...props} job={data.createdByJob} />
            ) : (
              trans.__('registered by hand')
            )
          ],
          [
            trans.__('Used by'),
            data.usedByJobs.length ? (
              <span className="aml-links">
                {data.usedByJobs.map(job => (
                  <JobLink key={job} {...props} job={job} />
                ))}
              </span>
            ) : (
              trans.__('no job yet')
            )
          ],
          [
            trans.__('Models from it'),
            data.models.length ? (
              <AssetLinks {...props} kind="model" references={data.models} />
            ) : (
              ''
            )
          ]
        ]}
      />
    </div>
  );
}
