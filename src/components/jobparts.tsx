import * as React from 'react';
import { isFinal, jobState } from '../status';
import { CommandIDs, ISectionProps } from '../tokens';
import type { JobSummary } from '../wire';
import { LinkButton, StateShape } from './controls';
import { useParts } from './useparts';

/** Rows below a row are few; its view has them all. */
const MOST = 8;

/** The trials or steps of a job below its row, those that go on first. */
export function JobParts(
  props: ISectionProps & { job: JobSummary }
): JSX.Element | null {
  const { job, manager, commands, trans } = props;
  const { value } = useParts(manager, job.name, async () => {
    const page = await manager.call('jobs.list', { parent: job.name });
    return page.value as JobSummary[];
  });
  const parts = [...(value ?? [])].sort(
    (one, other) =>
      Number(isFinal(one.status)) - Number(isFinal(other.status)) ||
      (one.createdAt < other.createdAt ? 1 : -1)
  );
  const open = (name: string) =>
    void commands.execute(CommandIDs.openJob, { name });
  const rest = parts.length - MOST;
  return parts.length ? (
    <ul className="aml-parts" aria-label={trans.__('Parts')}>
      {parts.slice(0, MOST).map(part => {
        const state = jobState(part, trans);
        return (
          <li key={part.name} className="fx4">
            <StateShape shape={state.shape} />
            <LinkButton
              label={part.displayName || part.name}
              onClick={() => open(part.name)}
            />
            <span className="s ell">{state.word}</span>
          </li>
        );
      })}
      {rest > 0 && (
        <li className="s">
          <LinkButton
            label={trans._n('%1 more', '%1 more', rest)}
            onClick={() => open(job.name)}
          />
        </li>
      )}
    </ul>
  ) : null;
}
