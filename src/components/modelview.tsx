/** A model in the main area: what loads it, where it comes from, who serves it, its files. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { mayAct, whyNot } from '../mayact';
import { CommandIDs } from '../tokens';
import type { Entry, Model } from '../wire';
import { AssetView, IAssetProps } from './assetview';
import { TextButton } from './controls';
import { Facts } from './facts';
import { Files, FolderPath, join } from './files';
import { AssetLinks, JobLink, ServedBy } from './lineage';
import { modelFacts } from './modelfacts';
import { useRead } from './useread';

export function ModelView(props: IAssetProps): JSX.Element {
  const { name, version, manager, trans } = props;
  const [folder, setFolder] = React.useState('');
  // Who serves it is told with the model: read anew when a deployment anywhere changes.
  const served = manager.endpoints
    .flatMap(one => one.deployments.map(other => `${one.name}/${other}`))
    .join();
  const { value, error } = useRead(async () => {
    const at = { name, version };
    const [model, list] = await Promise.all([
      manager.call('models.get', at),
      manager.call('models.files', { ...at, path: folder })
    ]);
    return { model: model as Model, entries: list.value as Entry[] };
  }, [manager, name, version, folder, served]);
  const model = value?.model ?? null;
  return (
    <AssetView
      {...props}
      asset={model}
      error={error}
      actions={<Deploy {...props} />}
      side={
        model && (
          <>
            <Loads model={model} trans={trans} />
            <Lineage {...props} model={model} />
          </>
        )
      }
    >
      <FolderPath folder={folder} onOpen={setFolder} trans={trans} />
      <Files
        entries={value?.entries ?? []}
        chosen=""
        onlyFolders
        trans={trans}
        onChoose={entry => setFolder(join(folder, entry.path))}
      />
    </AssetView>
  );
}

function Deploy(props: IAssetProps): JSX.Element {
  const { name, version, manager, commands, trans } = props;
  return (
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
  );
}

function Loads(props: { model: Model; trans: TranslationBundle }): JSX.Element {
  const { model, trans } = props;
  return (
    <div className="aml-card">
      <h3>{trans.__('How it loads')}</h3>
      <Facts
        facts={[
          ...modelFacts(model, trans),
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

function Lineage(props: IAssetProps & { model: Model }): JSX.Element {
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
