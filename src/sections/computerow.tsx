/** A compute as a row: what it is, what it costs, what it does and for how long. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { Facts } from '../components/facts';
import { ErrorMessage } from '../components/message';
import { NodeList, NodeSquares } from '../components/nodes';
import type { IRow } from '../components/rows';
import { computeState, staleState } from '../status';
import type { Asked, IAmlManager } from '../tokens';
import { usualStart } from '../waitwords';
import type { AmlCompute, Compute, ComputeInstance } from '../wire';
import * as words from '../words';

export function computeRow(
  compute: Compute,
  manager: IAmlManager,
  trans: TranslationBundle,
  now: number
): IRow {
  const { spec } = compute;
  const key = `compute/${spec.name}`;
  const problem = manager.problemOf(key);
  const state = computeState(compute, trans);
  const isFailed = state.shape === 'failed';
  const row: IRow = {
    id: spec.name,
    name: spec.name,
    state,
    tag: tagOf(compute, trans),
    value: isFailed ? undefined : computeNumber(compute, manager, trans),
    detail: problem?.message ?? computeDetail(compute, manager, trans, now),
    isFailed,
    details: () => (
      <>
        {problem && (
          <ErrorMessage
            error={problem}
            trans={trans}
            onDismiss={() => manager.dismissProblem(key)}
          />
        )}
        <ComputeFacts compute={compute} trans={trans} />
        <NodeList nodes={manager.nodesOf(spec.name)} trans={trans} />
      </>
    )
  };
  const asked = manager.askedOf(key);
  if (manager.link.kind !== 'online' && manager.heardAt) {
    row.state = staleState(trans);
    row.value = compute.pricePerHour ? row.value : undefined;
    row.detail = trans.__(
      'was %1 %2',
      state.word,
      words.ago((now - manager.heardAt) / 1000, trans)
    );
  } else if (asked) {
    row.state = { shape: 'preparing', word: askedWord(asked, trans) };
  }
  return row;
}

function tagOf(
  { spec }: Compute,
  trans: TranslationBundle
): string | undefined {
  switch (spec.type) {
    case 'local':
      return undefined;
    case 'attached':
      return trans.__('attached');
    default:
      return words.sizeTag(spec.size);
  }
}

function askedWord(asked: Asked, trans: TranslationBundle): string {
  switch (asked) {
    case 'start':
      return trans.__('Starting');
    case 'delete':
      return trans.__('Deleting');
    case 'update':
      return trans.__('Updating');
    default:
      return trans.__('Stopping');
  }
}

/** What it costs now; where nothing costs, how large it is. */
function computeNumber(
  compute: Compute,
  manager: IAmlManager,
  trans: TranslationBundle
): string {
  if (compute.spec.type === 'local' || compute.spec.type === 'attached') {
    const cores = manager.nodesOf(compute.spec.name)[0]?.cpus.length ?? 0;
    return cores ? trans._n('%1 core', '%1 cores', cores) : '';
  }
  if (compute.pricePerHour === null) {
    return trans.__('free');
  }
  return compute.pricePerHour
    ? words.rate(compute.pricePerHour, trans)
    : words.money(0, 0);
}

function computeDetail(
  compute: Compute,
  manager: IAmlManager,
  trans: TranslationBundle,
  now: number
): React.ReactNode {
  const { spec } = compute;
  if (compute.error || compute.reason) {
    return compute.error || compute.reason;
  }
  switch (spec.type) {
    case 'local':
      return (
        jobsWords(compute, trans) || trans.__('this machine, always there')
      );
    case 'attached':
      return jobsWords(compute, trans) || (compute.machine?.address ?? '');
    case 'computeinstance':
      return (
        jobsWords(compute, trans) ||
        idleDetail(compute, spec, manager, trans, now)
      );
    default:
      return clusterDetail(compute, spec, manager, trans);
  }
}

function jobsWords(compute: Compute, trans: TranslationBundle): string {
  return compute.runningJobs
    ? trans._n('%1 job', '%1 jobs', compute.runningJobs)
    : '';
}

/** How long a machine has been idle, and when it stops for it. */
function idleDetail(
  compute: Compute,
  spec: ComputeInstance,
  manager: IAmlManager,
  trans: TranslationBundle,
  now: number
): string {
  const node = manager.nodesOf(spec.name).find(one => one.state === 'idle');
  const since = node?.stateSince || compute.stateSince;
  if (compute.state !== 'Running' || !since) {
    return '';
  }
  const minutes = Math.floor(words.secondsBetween(since, now) / 60);
  const idle = trans.__('idle %1 min', Math.max(0, minutes));
  const limit = spec.idleTimeBeforeShutdownMinutes;
  return !limit
    ? idle
    : trans.__('%1, stops in %2', idle, Math.max(0, limit - minutes));
}

function clusterDetail(
  compute: Compute,
  spec: AmlCompute,
  manager: IAmlManager,
  trans: TranslationBundle
): React.ReactNode {
  const { currentNodes, targetNodes } = compute;
  const start = usualStart(manager.starts, spec.size, 'cold', trans);
  const count = trans.__('%1 of %2 nodes', currentNodes, spec.maxInstances);
  if (!currentNodes && !targetNodes) {
    return start ? trans.__('%1, starts in %2', count, start) : count;
  }
  const isGrowing = targetNodes > currentNodes;
  return (
    <>
      <NodeSquares
        nodes={manager.nodesOf(spec.name)}
        total={spec.maxInstances}
        trans={trans}
      />{' '}
      {compute.state === 'Steady'
        ? count
        : isGrowing && start && trans.__('in %1', start)}
    </>
  );
}

function ComputeFacts(props: {
  compute: Compute;
  trans: TranslationBundle;
}): JSX.Element {
  const { compute, trans } = props;
  const { spec } = compute;
  const facts: [string, React.ReactNode][] = [];
  if (spec.type === 'attached' && compute.machine) {
    const { address, memoryBytes, python, system } = compute.machine;
    facts.push(
      [trans.__('Machine'), address],
      [trans.__('Memory'), words.bytes(memoryBytes)],
      [trans.__('System'), `${system}, Python ${python}`]
    );
  } else if (spec.type !== 'local') {
    facts.push([trans.__('Size'), words.sizeName(spec.size)]);
  }
  if (spec.type === 'amlcompute') {
    const idle = words.duration(spec.idleTimeBeforeScaleDown, trans);
    const range = trans.__('%1 to %2', spec.minInstances, spec.maxInstances);
    facts.push(
      [trans.__('Nodes'), range],
      [trans.__('Leaves when idle'), trans.__('after %1', idle)],
      [
        trans.__('Priority'),
        spec.tier === 'dedicated'
          ? trans.__('Dedicated')
          : trans.__('Low priority')
      ]
    );
  }
  facts.push(
    [trans.__('Running jobs'), compute.runningJobs || ''],
    [trans.__('Waiting jobs'), compute.queuedJobs || ''],
    [
      trans.__('Price'),
      compute.rehearsal ? trans.__('would be, at Azure’s list price') : ''
    ]
  );
  return <Facts facts={facts} />;
}
