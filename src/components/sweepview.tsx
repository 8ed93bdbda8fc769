/** The trials of a sweep: how far it is, which is best and why, and every one in a table. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { partsPrice, priceWords } from '../runwords';
import { isFinal } from '../status';
import { countTrials, parametersOf, SweepSpec } from '../sweep';
import {
  limitWords,
  policyWords,
  progressOf,
  samplingWords
} from '../sweepwords';
import { CommandIDs, IAmlManager } from '../tokens';
import type { Job, TrialList } from '../wire';
import { TextButton } from './controls';
import { Facts } from './facts';
import { ErrorMessage } from './message';
import { compact } from './plot';
import { Parallel, Scatter } from './trialplots';
import { TrialTable } from './trialtable';
import { useParts } from './useparts';

export interface ISweepViewProps {
  job: Job;
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
  now: number;
}

export function SweepView(props: ISweepViewProps): JSX.Element {
  const { job, manager, trans } = props;
  const { value, error } = useParts(
    manager,
    job.name,
    async () =>
      (await manager.call('jobs.trials', { name: job.name })) as TrialList
  );
  return (
    <div className="aml-endpoint" tabIndex={0}>
      {error && <ErrorMessage error={error} trans={trans} />}
      {value ? (
        <KnownTrials {...props} list={value} />
      ) : (
        !error && <p className="s">{trans.__('Reading the trials')}</p>
      )}
    </div>
  );
}

type IKnownProps = ISweepViewProps & { list: TrialList };

function KnownTrials(props: IKnownProps): JSX.Element {
  const { job, list, commands, trans, now } = props;
  const spec = job.spec as SweepSpec;
  const parameters = parametersOf(list.value, spec);
  const [chosen, setChosen] = React.useState('');
  const open = (name: string) =>
    void commands.execute(CommandIDs.openJob, { name });
  return (
    <>
      <div className="aml-main">
        <Progress {...props} />
        <Plots {...props} {...{ parameters, chosen }} onChoose={setChosen} />
        <TrialTable
          {...{ list, parameters, chosen, now, trans }}
          onChoose={setChosen}
          onOpen={open}
        />
      </div>
      <div className="aml-aside">
        <Best {...props} parameters={parameters} onOpen={open} />
        <Settings {...props} spec={spec} />
      </div>
    </>
  );
}

function Progress({ job, list, trans }: IKnownProps): JSX.Element {
  const words = progressOf(list, trans);
  const { ended } = countTrials(list.value);
  return (
    <div className="aml-progress">
      <span role="status">{words}</span>
      {!isFinal(job.status) && (
        <progress max={list.total || 1} value={ended} aria-label={words} />
      )}
    </div>
  );
}

function Plots(
  props: IKnownProps & {
    parameters: readonly string[];
    chosen: string;
    onChoose(job: string): void;
  }
): JSX.Element {
  const { list, parameters, trans } = props;
  const [wanted, setWanted] = React.useState('');
  const [isParallel, setParallel] = React.useState(false);
  const parameter = parameters.includes(wanted)
    ? wanted
    : (parameters[0] ?? '');
  const kinds: [boolean, string][] = [
    [false, trans.__('Scatter')],
    [true, trans.__('Parallel coordinates')]
  ];
  return (
    <div className="aml-card">
      <div className="fx aml-plothead">
        <h3>{list.primaryMetric}</h3>
        {!isParallel && (
          <label className="fx4 s">
            {trans.__('against')}
            <select
              value={parameter}
              onChange={event => setWanted(event.target.value)}
            >
              {parameters.map(name => (
                <option key={name}>{name}</option>
              ))}
            </select>
          </label>
        )}
        <span className="grow" />
        <span className="fx4" role="group" aria-label={trans.__('Plot')}>
          {kinds.map(([kind, label]) => (
            <button
              key={label}
              type="button"
              className="btn md"
              aria-pressed={kind === isParallel}
              onClick={() => setParallel(kind)}
            >
              {label}
            </button>
          ))}
        </span>
      </div>
      {isParallel ? (
        <Parallel {...props} />
      ) : (
        <Scatter {...props} parameters={[parameter]} />
      )}
    </div>
  );
}

function Best(
  props: IKnownProps & {
    parameters: readonly string[];
    onOpen(job: string): void;
  }
): JSX.Element {
  const { list, parameters, trans } = props;
  const best = list.value.find(trial => trial.job === list.best);
  return (
    <div className="aml-card">
      <h3>
        {trans.__('Best trial')}
        {best && <span className="s">{trans.__('Trial %1', best.number)}</span>}
      </h3>
      {best ? (
        <>
          <Facts
            facts={[
              [
                list.primaryMetric,
                best.metric === null ? '' : compact(best.metric)
              ],
              ...parameters.map((name): [string, string] => {
                const value = best.parameters[name];
                return [
                  name,
                  typeof value === 'number'
                    ? compact(value)
                    : String(value ?? '')
                ];
              })
            ]}
          />
          <div className="acts">
            <TextButton
              size="md"
              glyph="open"
              label={trans.__('Open best trial')}
              onClick={() => props.onOpen(best.job)}
            />
          </div>
        </>
      ) : (
        <p className="s">
          {trans.__(
            'No trial has logged %1 yet. A trial logs it with %2',
            list.primaryMetric,
            `aml.log("${list.primaryMetric}", x)`
          )}
        </p>
      )}
    </div>
  );
}

function Settings(props: IKnownProps & { spec: SweepSpec }): JSX.Element {
  const { job, list, spec, manager, trans } = props;
  const price = partsPrice(job, manager.partsOf(job.name));
  const isRehearsal = manager.workspace?.kind !== 'azure';
  return (
    <div className="aml-card">
      <h3>{trans.__('Search')}</h3>
      <Facts
        facts={[
          [
            trans.__('Goal'),
            list.goal === 'maximize'
              ? trans.__('greatest %1', list.primaryMetric)
              : trans.__('least %1', list.primaryMetric)
          ],
          [trans.__('Sampling'), samplingWords(spec, trans)],
          [trans.__('Trials'), limitWords(spec, list.total, trans)],
          [trans.__('Early ending'), policyWords(spec, trans)],
          [trans.__('Compute'), spec.compute ?? ''],
          [
            trans.__('Cost of all trials'),
            price
              ? priceWords(price, !isFinal(job.status), isRehearsal, trans)
              : trans.__('free')
          ]
        ]}
      />
    </div>
  );
}
