/** A version of a model or of data in the main area: its files, and cards beside them. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import type { ApiError } from '../request';
import type { IAmlManager } from '../tokens';
import type { Data, Model } from '../wire';
import { bytes } from '../words';
import { ErrorMessage } from './message';
import { ViewHeader } from './viewframe';

/** What a view of one version is opened with. */
export interface IAssetProps {
  name: string;
  version: string;
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

export function AssetView(
  props: IAssetProps & {
    /** Null until it was read. */
    asset: Pick<Data | Model, 'type' | 'bytes' | 'files'> | null;
    error: ApiError | null;
    actions?: React.ReactNode;
    side: React.ReactNode;
    /** Its folders and files. */
    children: React.ReactNode;
  }
): JSX.Element {
  const { name, version, asset, error, trans } = props;
  return (
    <div className="aml aml-view">
      <ViewHeader
        shape="box"
        name={name}
        state={<span>{trans.__('v%1', version)}</span>}
        facts={
          asset &&
          [
            asset.type,
            bytes(asset.bytes),
            trans._n('%1 file', '%1 files', asset.files)
          ].join(', ')
        }
      >
        {props.actions}
      </ViewHeader>
      <div className="aml-note">
        {error && <ErrorMessage error={error} trans={trans} />}
      </div>
      <div className="aml-columns">
        <div className="aml-browse" tabIndex={0}>
          {props.children}
        </div>
        <div className="aml-side" tabIndex={0}>
          {props.side}
        </div>
      </div>
    </div>
  );
}
