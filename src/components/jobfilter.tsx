/** A line to find jobs by: name, state, compute, experiment or notebook. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { Signal } from '@lumino/signaling';
import * as React from 'react';
import { filterJobs } from '../jobfilter';
import type { JobSummary } from '../wire';
import { useSignal } from './hooks';

/** Whether the line is shown; a command toggles it. */
class FilterLine {
  isOpen = false;
  readonly changed = new Signal<this, void>(this);

  toggle(): void {
    this.isOpen = !this.isOpen;
    this.changed.emit();
  }
}

export const jobFilterLine = new FilterLine();

export interface IJobFilter {
  isOpen: boolean;
  text: string;
  jobs: readonly JobSummary[];
  setText(text: string): void;
}

export function useJobFilter(
  jobs: readonly JobSummary[],
  trans: TranslationBundle
): IJobFilter {
  const [text, setText] = React.useState('');
  useSignal(jobFilterLine.changed);
  const { isOpen } = jobFilterLine;
  const found = React.useMemo(
    () => (isOpen ? filterJobs(jobs, text, trans) : jobs),
    [jobs, text, isOpen]
  );
  return { isOpen, text, jobs: found, setText };
}

export function JobFilter(props: {
  filter: IJobFilter;
  total: number;
  trans: TranslationBundle;
}): JSX.Element {
  const { filter, total, trans } = props;
  const input = React.useRef<HTMLInputElement>(null);
  React.useEffect(() => input.current?.focus(), []);
  return (
    <div className="aml-find">
      <input
        ref={input}
        type="search"
        value={filter.text}
        placeholder={trans.__('Name, state, compute')}
        aria-label={trans.__('Filter jobs')}
        onChange={event => filter.setText(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Escape') {
            event.stopPropagation();
            jobFilterLine.toggle();
          }
        }}
      />
      <span className="s num" role="status">
        {trans.__('%1 of %2', filter.jobs.length, total)}
      </span>
    </div>
  );
}
