import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { seriesOf, useSamples } from '../samples';
import { isFinal } from '../status';
import type { IAmlManager } from '../tokens';
import type { Job, Node, Sample } from '../wire';
import { bytes } from '../words';
import { Facts } from './facts';
import { useSignal } from './hooks';
import { compact, Plot } from './plot';

const GB = 1e9;

/** What the job uses: cores, memory, and the GPU where there is one. */
export function LivePlots(props: {
  job: Job;
  manager: IAmlManager;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { job, manager, trans } = props;
  const samples = useSamples(manager, job.name, !isFinal(job.status));
  const last = samples[samples.length - 1];
  if (samples.length < 2 || !last) {
    return null;
  }
  const limit = last.memoryLimitBytes ?? 0;
  const hasGpu = last.gpu !== null && last.gpu !== undefined;
  const memory = bytes(last.memoryBytes);
  return (
    <>
      <UsePlot
        title={trans.__('Cores')}
        value={trans.__('%1 in use', compact(last.cpu))}
        samples={samples}
        measure={sample => sample.cpu}
      />
      <UsePlot
        title={trans.__('Memory, GB')}
        value={limit ? trans.__('%1 of %2', memory, bytes(limit)) : memory}
        samples={samples}
        measure={sample => sample.memoryBytes / GB}
        domain={limit ? [0, limit / GB] : undefined}
      />
      {hasGpu && (
        <UsePlot
          title={trans.__('GPU use, percent')}
          value={trans.__('%1 %', Math.round(100 * (last.gpu ?? 0)))}
          samples={samples}
          measure={sample => (sample.gpu ?? 0) * 100}
          domain={[0, 100]}
        />
      )}
      {hasGpu && (
        <UsePlot
          title={trans.__('GPU memory, GB')}
          value={bytes(last.gpuMemoryBytes ?? 0)}
          samples={samples}
          measure={sample => (sample.gpuMemoryBytes ?? 0) / GB}
        />
      )}
    </>
  );
}

/** What each node of a job uses now; nothing for a job of one node, whose curves say it. */
export function NodeUse(props: {
  job: Job;
  manager: IAmlManager;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { job, manager, trans } = props;
  useSignal(manager.changed);
  const nodes = manager
    .nodesOf(job.spec.compute ?? '')
    .filter(node => job.nodes.includes(node.name));
  if (isFinal(job.status) || nodes.length < 2) {
    return null;
  }
  return (
    <div className="aml-card">
      <h3>{trans.__('Nodes')}</h3>
      <Facts
        facts={nodes.map(node => [node.name, useWords(node, trans)] as const)}
      />
    </div>
  );
}

/** "1.3 of 2 cores, 1.4 GB of 4.0 GB". */
function useWords(node: Node, trans: TranslationBundle): string {
  const { sample } = node;
  return sample
    ? trans.__(
        '%1 of %2 cores, %3 of %4',
        compact(sample.cpu),
        node.cpus.length,
        bytes(sample.memoryBytes),
        bytes(node.memoryLimitBytes)
      )
    : trans.__('not measured yet');
}

function UsePlot(props: {
  title: string;
  value: string;
  samples: readonly Sample[];
  domain?: readonly [number, number];
  measure(sample: Sample): number;
}): JSX.Element {
  const { title, value } = props;
  const series = seriesOf(props.samples, title, props.measure);
  return (
    <div className="aml-card">
      <h3>
        {title}
        <span className="grow" />
        <span className="s num">{value}</span>
      </h3>
      <Plot
        series={[series]}
        domain={props.domain}
        summary={`${title}: ${value}`}
      />
    </div>
  );
}
