import * as React from 'react';
import { Facts } from '../components/facts';
import { AssetLinks, JobLink } from '../components/lineage';
import { modelFacts } from '../components/modelfacts';
import type { IRow } from '../components/rows';
import { whyNot } from '../mayact';
import { assetKey } from '../store';
import { CommandIDs, ISectionProps } from '../tokens';
import type { Model } from '../wire';
import { ago, bytes, secondsBetween } from '../words';

/** A model in the list: its newest version, where it came from, and the way to a URL. */
export function modelRow(
  model: Model,
  props: ISectionProps,
  now: number
): IRow {
  const { manager, commands, trans } = props;
  const key = assetKey(model);
  const age = ago(secondsBetween(model.createdAt, now), trans);
  const maker = model.lineage.job;
  return {
    id: `model/${key}`,
    name: model.name,
    tag: trans.__('v%1', model.version),
    state: { shape: 'box', word: trans.__('Registered') },
    detail: maker ? trans.__('%1, by %2', age, nameOf(maker, props)) : age,
    action: {
      label: trans.__('Deploy…'),
      whyNot: whyNot(manager, trans) || undefined,
      run: () => void commands.execute(CommandIDs.deployModel, { model: key })
    },
    details: () => (
      <Facts
        facts={[
          ...modelFacts(model, trans),
          [trans.__('Size'), bytes(model.bytes)],
          [
            trans.__('Made by'),
            maker ? <JobLink {...props} job={maker} /> : ''
          ],
          [trans.__('Notebook'), model.lineage.notebook],
          [
            trans.__('Data'),
            model.lineage.data.length ? (
              <AssetLinks
                {...props}
                kind="data"
                references={model.lineage.data}
              />
            ) : (
              ''
            )
          ],
          [
            trans.__('Environment'),
            model.lineage.environment === 'kernel'
              ? ''
              : model.lineage.environment
          ]
        ]}
      />
    )
  };
}

function nameOf(job: string, { manager }: ISectionProps): string {
  return manager.jobNamed(job)?.displayName || job;
}
