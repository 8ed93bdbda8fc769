import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { priceOf, secondsLeft } from '../runwords';
import { isFinal } from '../status';
import { summaryOf } from '../store';
import { CommandIDs, IAmlManager } from '../tokens';
import type { Job } from '../wire';
import * as words from '../words';
import { compact } from './plot';
import { LinkButton } from './controls';
import { Facts } from './facts';
import { ParentLink } from './parentlink';

export interface IReceiptProps {
  job: Job;
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
  now: number;
}

/** What the job took so far or in all, and what that time lists at. */
export function Receipt(props: IReceiptProps): JSX.Element {
  const { job, trans } = props;
  const isActive = !isFinal(job.status);
  const { receipt } = job;
  return (
    <div className="aml-card">
      <h3>{isActive ? trans.__('Receipt so far') : trans.__('Receipt')}</h3>
      <Facts
        facts={[
          [trans.__('Compute'), job.spec.compute ?? ''],
          [trans.__('Size'), words.sizeName(sizeOf(props))],
          [trans.__('Nodes'), nodesOf(job)],
          ...moneyFacts(props),
          [
            trans.__('Waited'),
            receipt?.queuedSeconds
              ? words.duration(receipt.queuedSeconds, trans)
              : ''
          ],
          [
            trans.__('Peak memory'),
            receipt?.peakMemoryBytes ? words.bytes(receipt.peakMemoryBytes) : ''
          ],
          [trans.__('Cores on average'), coresOf(job)],
          [trans.__('Exit code'), job.exitCode ?? ''],
          [trans.__('Attempt'), job.attempt > 1 ? job.attempt : ''],
          [trans.__('Started by'), <Origin key="origin" {...props} />]
        ]}
      />
    </div>
  );
}

type Fact = readonly [string, React.ReactNode];

function moneyFacts(props: IReceiptProps): Fact[] {
  const { job, manager, trans, now } = props;
  const seconds = job.startedAt
    ? words.secondsBetween(job.startedAt, job.endedAt ?? now)
    : 0;
  const time = isFinal(job.status)
    ? words.duration(seconds, trans)
    : words.elapsed(seconds);
  const compute = manager.computes.find(
    one => one.spec.name === job.spec.compute
  );
  const price = priceOf(summaryOf(job), compute, seconds);
  if (price === null) {
    const free: Fact = [trans.__('Cost'), trans.__('free')];
    return [[trans.__('Ran'), job.startedAt ? time : ''], free];
  }
  const perHour = job.receipt?.pricePerHour;
  const isRehearsal = manager.workspace?.kind !== 'azure';
  const left =
    job.progress === null ? null : secondsLeft(job.progress, seconds);
  const whole = left === null ? null : (price * (seconds + left)) / seconds;
  const amount = words.money(price);
  return [
    [
      perHour
        ? trans.__('%1 at %2 per hour', time, words.money(perHour, 3))
        : trans.__('Ran %1', time),
      isRehearsal ? trans.__('would be %1', amount) : amount
    ],
    [
      trans.__('When done, about'),
      whole === null || isFinal(job.status) ? '' : words.money(whole)
    ]
  ];
}

function sizeOf(props: IReceiptProps): string {
  const { job, manager } = props;
  const compute = manager.computes.find(
    one => one.spec.name === job.spec.compute
  );
  return job.receipt?.size || compute?.spec.size || '';
}

function nodesOf(job: Job): number | string {
  const count = job.receipt?.nodes ?? job.spec.instanceCount ?? 1;
  return count > 1 ? count : '';
}

function coresOf(job: Job): string {
  const { receipt } = job;
  return receipt?.cpuSeconds && receipt.seconds
    ? compact(receipt.cpuSeconds / receipt.seconds)
    : '';
}

/** The cell, notebook or command that the job came from. */
function Origin(props: IReceiptProps): JSX.Element | string {
  const { job, commands, trans } = props;
  const { spec } = job;
  if (spec.parent) {
    return <ParentLink parent={spec.parent} {...props} />;
  }
  if (!('notebook' in spec)) {
    return trans.__('a command');
  }
  const file = (spec.notebook ?? '').replace(/^.*\//, '');
  if (spec.type !== 'cell' || !spec.cellId) {
    return file || trans.__('a cell');
  }
  return (
    <LinkButton
      label={
        spec.executionCount
          ? trans.__('%1, [%2]', file, spec.executionCount)
          : file
      }
      onClick={() =>
        void commands.execute(CommandIDs.goToCell, { name: job.name })
      }
    />
  );
}
