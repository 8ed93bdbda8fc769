/** A data asset in the main area: its folders and files, and the beginning of one of them. */
import * as React from 'react';
import type { Data, Entry, Preview } from '../wire';
import { AssetView, IAssetProps } from './assetview';
import { Facts } from './facts';
import { Files, FolderPath, join } from './files';
import { AssetLinks, JobLink } from './lineage';
import { PreviewBox } from './preview';
import { useRead } from './useread';

export function DataView(props: IAssetProps): JSX.Element {
  const { manager, name, version, trans } = props;
  const [folder, setFolder] = React.useState('');
  const [file, setFile] = React.useState('');
  const { value, error } = useRead(async () => {
    const at = { name, version };
    const [data, list, preview] = await Promise.all([
      manager.call('data.get', at),
      manager.call('data.browse', { ...at, path: folder }),
      file ? manager.call('data.preview', { ...at, path: file }) : null
    ]);
    return {
      data: data as Data,
      entries: list.value as Entry[],
      isTruncated: list.truncated ?? false,
      preview: preview as Preview | null
    };
  }, [manager, name, version, folder, file]);
  const data = value?.data ?? null;
  return (
    <AssetView
      {...props}
      asset={data}
      error={error}
      side={data && <Lineage {...props} data={data} />}
    >
      <FolderPath folder={folder} onOpen={setFolder} trans={trans} />
      <Files
        entries={value?.entries ?? []}
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
      {value?.isTruncated && (
        <p className="s">{trans.__('There are more than are listed.')}</p>
      )}
      {value?.preview && (
        <PreviewBox name={file} preview={value.preview} trans={trans} />
      )}
    </AssetView>
  );
}

/** Which job made it, which used it, and what was learnt from it. */
function Lineage(props: IAssetProps & { data: Data }): JSX.Element {
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
