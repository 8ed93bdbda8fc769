/** The steps of a pipeline, as a graph or as a list. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { jobOf, pipelineProgress } from '../pipeline';
import { partsPrice, priceWords } from '../runwords';
import { isFinal } from '../status';
import { CommandIDs, IAmlManager } from '../tokens';
import type { Job, StepList, StepRow } from '../wire';
import { ErrorMessage } from './message';
import { StepGraph } from './stepgraph';
import { StepTable } from './steptable';
import { useParts } from './useparts';

export interface IPipelineViewProps {
  job: Job;
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
  now: number;
}

export function PipelineView(props: IPipelineViewProps): JSX.Element {
  const { job, manager, trans } = props;
  const { value, error } = useParts(
    manager,
    job.name,
    async () =>
      (await manager.call('jobs.steps', { name: job.name })) as StepList
  );
  return (
    <div className="aml-pipeline">
      {error && <ErrorMessage error={error} trans={trans} />}
      {value ? (
        <KnownSteps {...props} list={value} />
      ) : (
        !error && <p className="s">{trans.__('Reading the steps')}</p>
      )}
    </div>
  );
}

function KnownSteps(
  props: IPipelineViewProps & { list: StepList }
): JSX.Element {
  const { list, commands, trans, now } = props;
  const steps = list.value;
  const [isList, setList] = React.useState(false);
  const [said, setSaid] = React.useState('');
  const onOpen = (step: StepRow) => {
    const name = jobOf(step);
    if (name) {
      void commands.execute(CommandIDs.openJob, { name });
    } else {
      setSaid(
        step.reason
          ? trans.__('%1 has no job: %2', step.name, step.reason)
          : trans.__('%1 has no job yet.', step.name)
      );
    }
  };
  const kinds: [boolean, string][] = [
    [false, trans.__('Graph')],
    [true, trans.__('List')]
  ];
  return (
    <>
      <div className="fx aml-wrap">
        <span>{pipelineProgress(steps, trans)}</span>
        <span className="s num">{priceOfSteps(props)}</span>
        <span className="s grow" role="status">
          {said}
        </span>
        <span className="fx4" role="group" aria-label={trans.__('Show as')}>
          {kinds.map(([kind, label]) => (
            <button
              key={label}
              type="button"
              className="btn md"
              aria-pressed={kind === isList}
              onClick={() => {
                setList(kind);
                setSaid('');
              }}
            >
              {label}
            </button>
          ))}
        </span>
      </div>
      {isList ? (
        <div className="aml-scroll">
          <StepTable {...{ steps, now, trans, onOpen }} />
        </div>
      ) : (
        <StepGraph {...{ steps, now, trans, onOpen }} />
      )}
    </>
  );
}

function priceOfSteps({
  job,
  list,
  manager,
  trans
}: IPipelineViewProps & { list: StepList }): string {
  const price = partsPrice(job, list.value);
  return price
    ? priceWords(
        price,
        !isFinal(job.status),
        manager.workspace?.kind !== 'azure',
        trans
      )
    : '';
}
