import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { Metrics } from '../metrics';
import { jobState } from '../status';
import type { IAmlManager } from '../tokens';
import type { Job } from '../wire';
import * as words from '../words';

export interface IOther {
  job: Job | null;
  metrics: Metrics;
}

/** Another job with what it has logged, read once; null while none is chosen. */
export function useOther(manager: IAmlManager, name: string): IOther | null {
  const [other, setOther] = React.useState<IOther | null>(null);
  React.useEffect(() => {
    setOther(null);
    if (!name) {
      return;
    }
    const metrics = new Metrics();
    let job: Job | null = null;
    const tell = () => setOther({ job, metrics });
    const follow = manager.follow(name, 0, {
      onEvents: events => {
        metrics.add(events);
        tell();
      },
      onEnd: tell
    });
    manager.call('jobs.get', { name }).then(
      found => {
        job = found as Job;
        tell();
      },
      reason => console.debug('jupyter-aml: no other job', reason)
    );
    return () => follow.dispose();
  }, [manager, name]);
  return other;
}

/** What differs between two jobs, beside each other. */
export function CompareTable(props: {
  one: Job;
  other: Job;
  trans: TranslationBundle;
}): JSX.Element {
  const { one, other, trans } = props;
  const others = factsOf(other, trans);
  const rows = factsOf(one, trans)
    .map(([name, value], at) => [name, value, others[at]?.[1] ?? ''] as const)
    .filter(([, here, there]) => here || there);
  return (
    <table className="aml-table" aria-label={trans.__('Comparison')}>
      <thead>
        <tr>
          <th />
          <th>{one.spec.displayName || one.name}</th>
          <th>{other.spec.displayName || other.name}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([name, here, there]) => (
          <tr key={name} className={here === there ? undefined : 'differs'}>
            <th scope="row">{name}</th>
            <td className="num">{here}</td>
            <td className="num">{there}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function factsOf(job: Job, trans: TranslationBundle): [string, string][] {
  const { spec, receipt } = job;
  const seconds =
    job.startedAt && job.endedAt
      ? words.secondsBetween(job.startedAt, job.endedAt)
      : null;
  return [
    [trans.__('State'), jobState(job, trans).word],
    [trans.__('Compute'), spec.compute ?? ''],
    [trans.__('Size'), words.sizeName(receipt?.size ?? '')],
    [trans.__('Nodes'), String(spec.instanceCount ?? 1)],
    [trans.__('Environment'), spec.environment ?? ''],
    [trans.__('Ran'), seconds === null ? '' : words.duration(seconds, trans)],
    [
      trans.__('Peak memory'),
      receipt?.peakMemoryBytes ? words.bytes(receipt.peakMemoryBytes) : ''
    ],
    [
      trans.__('List price'),
      receipt?.listPrice ? words.money(receipt.listPrice) : ''
    ]
  ];
}
