import { Clipboard } from '@jupyterlab/apputils';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { codeOf, Twin, twin, twinsOf } from '../codetwin';
import { changedLines, sourceNow } from '../cellnow';
import { placeOf } from '../jobactions';
import { CommandIDs } from '../tokens';
import type { Job } from '../wire';
import { CommandLine, LinkButton, StateShape, TextButton } from './controls';
import { Facts } from './facts';

export interface IJobCodeProps {
  job: Job;
  commands: CommandRegistry;
  contents: Contents.IManager;
  trans: TranslationBundle;
}

/** What ran, where it came from, and the same in other words. */
export function JobCode(props: IJobCodeProps): JSX.Element {
  const { job, commands, contents, trans } = props;
  const { spec } = job;
  const code = codeOf(job);
  const changed = useChangedLines(job, contents);
  const place = spec.type === 'cell' ? (spec.notebook ?? '') : '';
  const name = place.replace(/^.*\//, '');
  return (
    <div className="aml-tabbody">
      <div className="fx">
        <b>{trans.__('What ran')}</b>
        <Changed count={changed.size} trans={trans} />
        <span className="grow" />
        <TextButton
          glyph="copy"
          size="md"
          label={trans.__('Copy')}
          onClick={() => Clipboard.copyToSystem(code)}
        />
        {placeOf(job) && (
          <TextButton
            size="md"
            label={trans.__('Insert as new cell')}
            onClick={() =>
              void commands.execute(CommandIDs.insertCode, { name: job.name })
            }
          />
        )}
      </div>
      <div
        className="aml-code"
        tabIndex={0}
        role="group"
        aria-label={trans.__('Code')}
      >
        {code.split('\n').map((line, index) => (
          <div
            key={index}
            className={changed.has(index) ? 'changed' : undefined}
          >
            <i>{index + 1}</i>
            <span>{line || ' '}</span>
          </div>
        ))}
      </div>
      <Facts
        facts={[
          [
            trans.__('From'),
            name && (
              <LinkButton
                label={name}
                onClick={() =>
                  void commands.execute(CommandIDs.goToCell, { name: job.name })
                }
              />
            )
          ],
          [trans.__('Ran as'), ranAs(job, trans)],
          [
            trans.__('Code folder'),
            (spec.code ?? '').replace(/^snapshot:/, '').slice(0, 12)
          ],
          [trans.__('Name of the job'), job.name],
          [trans.__('Experiment'), spec.experimentName ?? '']
        ]}
      />
      <Twins job={job} trans={trans} />
    </div>
  );
}

function Twins(props: { job: Job; trans: TranslationBundle }): JSX.Element {
  const { job, trans } = props;
  const kinds = twinsOf(job);
  const [chosen, setChosen] = React.useState<Twin>(kinds[0] ?? 'python');
  const labels: Record<Twin, string> = {
    magic: trans.__('Magic'),
    python: trans.__('Python'),
    cli: trans.__('CLI'),
    yaml: trans.__('job.yml')
  };
  return (
    <>
      <div className="fx">
        <span className="s">{trans.__('The same as')}</span>
        {kinds.map(kind => (
          <button
            key={kind}
            type="button"
            className="btn md"
            aria-pressed={kind === chosen}
            onClick={() => setChosen(kind)}
          >
            {labels[kind]}
          </button>
        ))}
      </div>
      <CommandLine text={twin(job, chosen)} trans={trans} />
    </>
  );
}

/** "cell, 2 nodes, 10 min at most, 3 retries". */
function ranAs(job: Job, trans: TranslationBundle): string {
  const { spec } = job;
  const kinds: Partial<Record<string, string>> = {
    cell: trans.__('cell'),
    command: trans.__('command'),
    notebook: trans.__('notebook'),
    kernel: trans.__('kernel'),
    sweep: trans.__('sweep'),
    pipeline: trans.__('pipeline'),
    reused: trans.__('taken from an earlier run')
  };
  const nodes = spec.instanceCount ?? 1;
  const retries = spec.retries ?? 0;
  return [
    kinds[spec.type] ?? '',
    trans._n('%1 node', '%1 nodes', nodes),
    spec.timeout ? trans.__('at most %1 s', spec.timeout) : '',
    retries ? trans._n('%1 retry', '%1 retries', retries) : ''
  ]
    .filter(Boolean)
    .join(', ');
}

/** Whether the cell is another one than it was when it ran. */
function Changed(props: {
  count: number;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { count, trans } = props;
  return count ? (
    <span className="state">
      <StateShape shape="warn" />
      {trans._n(
        'The cell changed since: %1 line differs',
        'The cell changed since: %1 lines differ',
        count
      )}
    </span>
  ) : null;
}

/** Numbers (from 0) of the lines that ran and that the saved cell has no more. */
function useChangedLines(
  job: Job,
  contents: Contents.IManager
): ReadonlySet<number> {
  const [changed, setChanged] = React.useState<ReadonlySet<number>>(new Set());
  React.useEffect(() => {
    let isOver = false;
    const place = placeOf(job);
    if (place) {
      sourceNow(place, contents).then(
        now => {
          if (!isOver && now !== null) {
            setChanged(changedLines(codeOf(job), now));
          }
        },
        reason => console.debug('jupyter-aml: no cell to compare', reason)
      );
    }
    return () => {
      isOver = true;
    };
  }, [job.name]);
  return changed;
}
