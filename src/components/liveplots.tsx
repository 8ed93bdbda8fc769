import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { seriesOf, useSamples } from '../samples';
import { isFinal } from '../status';
import type { IAmlManager } from '../tokens';
import type { Job, Sample } from '../wire';
import { bytes } from '../words';
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
