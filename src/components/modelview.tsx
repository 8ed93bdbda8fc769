/** A model in the main area: what loads it, where it comes from, who serves it, its files. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { mayAct, whyNot } from '../mayact';
import { ApiError } from '../request';
import { CommandIDs, IAmlManager } from '../tokens';
import type { Entry, Model } from '../wire';
import { bytes } from '../words';
import { StateShape, TextButton } from './controls';
import { Facts } from './facts';
import { Files, FolderPath, join } from './files';
import { AssetLinks, JobLink, ServedBy } from './lineage';
import { ErrorMessage } from './message';

export interface IModelViewProps {
  name: string;
  version: string;
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

export function ModelView(props: IModelViewProps): JSX.Element {
  const { name, version, manager, commands, trans } = props;
  const [folder, setFolder] = React.useState('');
  const { model, entries, error } = useModel(props, folder);
  return (
    <div className="aml aml-view">
      <div className="hd">
        <StateShape shape="box" size={16} />
        <h2 className="ell">{name}</h2>
        <span>{trans.__('v%1', version)}</span>
        <span className="s num">
          {model &&
            [
              model.type,
              bytes(model.bytes),
              trans._n('%1 file', '%1 files', model.files)
            ].join(', ')}
        </span>
        <span className="grow" />
        <TextButton
          label={trans.__('Deploy…')}
          disabled={!mayAct(manager)}
          title={whyNot(manager, trans) || undefined}
          onClick={() =>
            void commands.execute(CommandIDs.deployModel, {
              model: `${name}:${version}`
            })
          }
        />
      </div>
      <div className="aml-note">
        {error && <ErrorMessage error={error} trans={trans} />}
      </div>
      <div className="aml-columns">
        <div className="aml-browse" tabIndex={0}>
          <FolderPath folder={folder} onOpen={setFolder} trans={trans} />
          <Files
            entries={entries}
            chosen=""
            onlyFolders
            trans={trans}
            onChoose={entry => setFolder(join(folder, entry.path))}
          />
        </div>
        <div className="aml-side" tabIndex={0}>
          {model && <Loads model={model} trans={trans} />}
          {model && <Lineage {...props} model={model} />}
        </div>
      </div>
    </div>
  );
}

interface IRead {
  model: Model | null;
  entries: readonly Entry[];
  error: ApiError | null;
}

/** The version and one folder of it; read anew when a deployment anywhere changes. */
function useModel(props: IModelViewProps, folder: string): IRead {
  const { manager, name, version } = props;
  const [read, setRead] = React.useState<IRead>({
    model: null,
    entries: [],
    error: null
  });
  const served = manager.endpoints
    .flatMap(one => one.deployments.map(other => `${one.name}/${other}`))
    .join();
  React.useEffect(() => {
    let isOver = false;
    const load = async (): Promise<IRead> => {
      const at = { name, version };
      try {
        const [model, list] = await Promise.all([
          manager.call('models.get', at),
          manager.call('models.files', { ...at, path: folder })
        ]);
        return {
          model: model as Model,
          entries: list.value as Entry[],
          error: null
        };
      } catch (reason) {
        return { model: null, entries: [], error: ApiError.from(reason) };
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
  }, [manager, name, version, folder, served]);
  return read;
}

function Loads(props: { model: Model; trans: TranslationBundle }): JSX.Element {
  const { model, trans } = props;
  return (
    <div className="aml-card">
      <h3>{trans.__('How it loads')}</h3>
      <Facts
        facts={[
          [trans.__('About'), model.description],
          [
            trans.__('Stage'),
            model.stage === 'None' ? '' : String(model.stage)
          ],
          [trans.__('Loads with'), Object.keys(model.flavors).join(', ')],
          [trans.__('Needs'), model.requirements.join(', ')],
          [trans.__('Sample'), model.sample ? <Sample model={model} /> : '']
        ]}
      />
    </div>
  );
}

function Sample({ model }: { model: Model }): JSX.Element {
  const most = 200;
  const { sample } = model;
  return (
    <code>{sample.length > most ? `${sample.slice(0, most)}…` : sample}</code>
  );
}

function Lineage(props: IModelViewProps & { model: Model }): JSX.Element {
  const { model, trans } = props;
  const { lineage } = model;
  return (
    <div className="aml-card">
      <h3>{trans.__('Where it comes from')}</h3>
      <Facts
        facts={[
          [
            trans.__('Made by'),
            lineage.job ? (
              <JobLink {...props} job={lineage.job} />
            ) : (
              trans.__('registered by hand')
            )
          ],
          [trans.__('Notebook'), lineage.notebook],
          [
            trans.__('Data'),
            lineage.data.length ? (
              <AssetLinks {...props} kind="data" references={lineage.data} />
            ) : (
              ''
            )
          ],
          [trans.__('Environment'), lineage.environment],
          [trans.__('MLflow run'), lineage.mlflowRun],
          [
            trans.__('Served by'),
            model.deployments.length ? (
              <ServedBy {...props} deployments={model.deployments} />
            ) : (
              trans.__('no endpoint')
            )
          ]
        ]}
      />
    </div>
  );
}
