import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { Cost, hasMoney } from '../components/cost';
import { useNow } from '../components/hooks';
import { Rows } from '../components/rowlist';
import { ServiceNotices } from '../components/servicenotices';
import { jobsOn } from '../manager';
import {
  CommandIDs,
  IAmlManager,
  ISectionProps,
  ISidebarSection
} from '../tokens';
import type { Compute } from '../wire';
import { shortClock } from '../words';
import {
  computeRows,
  endpointRows,
  endpointsUp,
  localJobRows,
  sessionRows
} from './runningrows';

/** Computes with machines up. This machine is always up and costs nothing: its jobs count. */
export function computesUp(manager: IAmlManager): Compute[] {
  return manager.computes.filter(
    ({ spec, state, currentNodes, runningJobs }) =>
      spec.type !== 'local' &&
      // An attached machine is always up too, and is not ours to stop.
      (spec.type !== 'attached' || runningJobs > 0) &&
      (spec.type === 'computeinstance'
        ? ['Creating', 'Starting', 'Running', 'Restarting'].includes(state)
        : currentNodes > 0)
  );
}

/** How many things run now, and what they list at per hour. */
export function runningNow(manager: IAmlManager): {
  count: number;
  perHour: number;
} {
  const up = computesUp(manager);
  return {
    count:
      up.length +
      endpointsUp(manager).length +
      jobsOn(manager, 'local').length +
      manager.sessions.length,
    perHour:
      manager.costs?.ratePerHour ??
      up.reduce((sum, one) => sum + (one.pricePerHour ?? 0), 0)
  };
}

export function runningSection(trans: TranslationBundle): ISidebarSection {
  return {
    id: 'running',
    title: trans.__('Running now'),
    rank: 100,
    count: (manager, bundle) => {
      const count = `${runningNow(manager).count}`;
      return manager.link.kind === 'online' || !manager.heardAt
        ? count
        : bundle.__('%1, as of %2', count, shortClock(manager.heardAt));
    },
    Body: Running
  };
}

export function Running(props: ISectionProps): JSX.Element {
  const { manager, commands, trans } = props;
  const { count, perHour } = runningNow(manager);
  const now = useNow(count > 0);
  const costs = manager.costs;
  return (
    <>
      <ServiceNotices notices={manager.notices} trans={trans} />
      {(count > 0 || hasMoney(costs, perHour)) && (
        <Cost
          {...{ manager, commands, trans, perHour }}
          isRehearsal={
            costs?.rehearsal ?? computesUp(manager).some(one => one.rehearsal)
          }
        />
      )}
      {count > 0 ? (
        <Rows
          label={trans.__('Running now')}
          rows={[
            ...computeRows(computesUp(manager), props, now),
            ...endpointRows(props),
            ...sessionRows(props, now),
            ...localJobRows(props, now)
          ]}
          onOpen={id => {
            const [kind, name] = split(id);
            if (kind === 'job') {
              void commands.execute(CommandIDs.openJob, { name });
            } else if (kind === 'endpoint') {
              void commands.execute(CommandIDs.openEndpoint, { name });
            }
          }}
        />
      ) : (
        <div className="aml-empty">
          <p className="s">
            {manager.link.kind === 'online'
              ? trans.__('Nothing runs, nothing costs. Money shows here first.')
              : trans.__('Not known until the service answers.')}
          </p>
        </div>
      )}
    </>
  );
}

function split(id: string): [string, string] {
  const at = id.indexOf('/');
  return [id.slice(0, at), id.slice(at + 1)];
}
