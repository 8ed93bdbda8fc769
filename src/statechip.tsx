import type { TranslationBundle } from '@jupyterlab/translation';
import type { NotebookPanel } from '@jupyterlab/notebook';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { Contents } from '@jupyterlab/services';
import * as React from 'react';
import { StateShape } from './components/controls';
import { useSignal } from './components/hooks';
import { runsOf } from './cellruns';
import { jobState } from './status';
import type { IAmlManager } from './tokens';
import type { JobSummary } from './wire';
import { rate } from './words';

export interface IStateChipProps {
  panel: NotebookPanel;
  manager: IAmlManager;
  contents: Contents.IManager;
  trans: TranslationBundle;
  onClick(): void;
}

/** Beside the kernel's name: what of this notebook runs, and what that costs. */
export function createStateChip(props: IStateChipProps): ReactWidget {
  const widget = ReactWidget.create(<StateChip {...props} />);
  widget.addClass('aml-chip-holder');
  return widget;
}

export function StateChip(props: IStateChipProps): JSX.Element | null {
  const { panel, manager, contents, trans, onClick } = props;
  useSignal(manager.changed);
  const runs = runsOf({ manager, contents, context: panel.context });
  useSignal(runs.adopted);
  const jobs = manager.activeJobs.filter(job => runs.isOwn(job));
  const first = jobs[0];
  if (!first) {
    return null;
  }
  const running = jobs.filter(job => job.status === 'Running').length;
  const label = running
    ? trans._n('%1 running', '%1 running', running)
    : trans._n('%1 waiting', '%1 waiting', jobs.length);
  const shown = jobs.find(job => job.status === 'Running') ?? first;
  const perHour = rateOf(jobs, manager);
  return (
    <div className="aml">
      <button
        type="button"
        className="chip"
        title={trans.__('Azure ML: show what runs')}
        onClick={onClick}
      >
        <StateShape shape={jobState(shown, trans).shape} size={12} />
        <span className="num">{label}</span>
        {perHour > 0 && <span className="num">{rate(perHour, trans)}</span>}
      </button>
    </div>
  );
}

/** List price per hour of the computes on which jobs run, each counted once. */
export function rateOf(
  jobs: readonly JobSummary[],
  manager: Pick<IAmlManager, 'computes'>
): number {
  const names = new Set(jobs.map(job => job.compute));
  return manager.computes
    .filter(compute => names.has(compute.spec.name))
    .reduce((sum, compute) => sum + (compute.pricePerHour ?? 0), 0);
}
