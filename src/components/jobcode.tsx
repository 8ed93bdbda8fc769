import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { codeOf, Twin, twin, twinsOf } from '../codetwin';
import { CommandIDs } from '../tokens';
import type { Job } from '../wire';
import { CommandLine, LinkButton, TextButton } from './controls';
import { Facts } from './facts';

export interface IJobCodeProps {
  job: Job;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

/** What ran, where it came from, and the same in other words. */
export function JobCode(props: IJobCodeProps): JSX.Element {
  const { job, commands, trans } = props;
  const { spec } = job;
  const code = codeOf(job);
  const place = spec.type === 'cell' ? (spec.notebook ?? '') : '';
  const name = place.replace(/^.*\//, '');
  return (
    <div className="aml-tabbody">
      <div className="fx">
        <b>{trans.__('What ran')}</b>
        <span className="grow" />
        <TextButton
          glyph="copy"
          size="md"
          label={trans.__('Copy')}
          onClick={() => Clipboard.copyToSystem(code)}
        />
      </div>
      <div
        className="aml-code"
        tabIndex={0}
        role="group"
        aria-label={trans.__('Code')}
      >
        {code.split('\n').map((line, index) => (
          <div key={index}>
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
  const kinds = {
    cell: trans.__('cell'),
    command: trans.__('command'),
    notebook: trans.__('notebook')
  };
  const nodes = spec.instanceCount ?? 1;
  const retries = spec.retries ?? 0;
  return [
    kinds[spec.type],
    trans._n('%1 node', '%1 nodes', nodes),
    spec.timeout ? trans.__('at most %1 s', spec.timeout) : '',
    retries ? trans._n('%1 retry', '%1 retries', retries) : ''
  ]
    .filter(Boolean)
    .join(', ');
}
