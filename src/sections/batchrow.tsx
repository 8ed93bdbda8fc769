import * as React from 'react';
import { Facts } from '../components/facts';
import { AssetLink, JobLink } from '../components/lineage';
import { ErrorMessage } from '../components/message';
import type { IRow } from '../components/rows';
import { isFinal, IState, jobState, staleState } from '../status';
import { ISectionProps } from '../tokens';
import type { BatchDeployment, BatchEndpoint, JobSummary } from '../wire';
import { ago, secondsBetween } from '../words';

/** A batch endpoint in the list: whether it scores now, and its last run. */
export function batchRow(
  endpoint: BatchEndpoint,
  props: ISectionProps,
  now: number
): IRow {
  const { manager, trans } = props;
  const { name } = endpoint;
  const deployments = manager.batchDeploymentsOf(name);
  const last = lastRun(endpoint, manager.jobs);
  const problem = manager.problemOf(`batch/${name}`);
  return {
    id: `batch/${name}`,
    name,
    tag: trans.__('batch'),
    state: stateOf(deployments, last, props),
    detail: problem?.message ?? detailOf(last, props, now),
    isFailed: Boolean(problem),
    details: () => (
      <>
        {problem && (
          <ErrorMessage
            error={problem}
            trans={trans}
            onDismiss={() => manager.dismissProblem(`batch/${name}`)}
          />
        )}
        <Facts
          facts={[
            [trans.__('About'), endpoint.description],
            [
              trans.__('Last run'),
              last ? (
                <JobLink {...props} job={last.name} />
              ) : (
                trans.__('none yet')
              )
            ],
            ...deployments.map(
              one =>
                [
                  one.name === endpoint.defaultDeployment
                    ? trans.__('%1, by default', one.name)
                    : one.name,
                  <AssetLink
                    key={one.name}
                    {...props}
                    kind="model"
                    reference={one.model}
                  />
                ] as const
            )
          ]}
        />
      </>
    )
  };
}

/** The newest of its jobs that is known here. */
export function lastRun(
  endpoint: BatchEndpoint,
  jobs: readonly JobSummary[]
): JobSummary | null {
  return jobs.find(job => job.tags.batch_endpoint === endpoint.name) ?? null;
}

function stateOf(
  deployments: readonly BatchDeployment[],
  last: JobSummary | null,
  { manager, trans }: ISectionProps
): IState {
  if (manager.link.kind !== 'online') {
    return staleState(trans);
  }
  if (last && !isFinal(last.status)) {
    return jobState(last, trans);
  }
  return deployments.length
    ? { shape: 'idle', word: trans.__('Idle') }
    : { shape: 'idle', word: trans.__('Empty') };
}

function detailOf(
  last: JobSummary | null,
  { trans }: ISectionProps,
  now: number
): string {
  if (!last) {
    return trans.__('scores files as a job; no run yet');
  }
  if (!isFinal(last.status)) {
    return last.doing;
  }
  const { word } = jobState(last, trans);
  const age = ago(secondsBetween(last.endedAt ?? last.createdAt, now), trans);
  return trans.__('last run %1, %2', word, age);
}
