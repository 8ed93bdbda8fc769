/** One job in the main area: how it stands, why, what it took, what it left and its log. */
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { Contents } from '@jupyterlab/services';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import type { JobModel } from '../jobmodel';
import { partsOf } from '../parts';
import { stagesOf } from '../stagelist';
import { isFinal } from '../status';
import type { IAmlManager } from '../tokens';
import type { Job } from '../wire';
import { Doctor, SlowStart } from './doctor';
import { useNow, useSignal } from './hooks';
import { JobCode } from './jobcode';
import { JobHeader } from './jobheader';
import { JobInputs } from './jobinputs';
import { JobMetrics, MetricPlots } from './jobmetrics';
import { countOutputs, JobOutputs } from './joboutputs';
import { LivePlots, NodeUse } from './liveplots';
import { LogView } from './logview';
import { ErrorMessage, Message } from './message';
import { Receipt } from './receipt';
import { Stages } from './stages';
import { ITab, Tabs } from './tabs';
import { UnknownView } from './viewframe';

/** Drawn for jobs that are made of others; loaded when the first of them is opened. */
const SweepView = React.lazy(async () => ({
  default: (await import('./sweepview')).SweepView
}));
const PipelineView = React.lazy(async () => ({
  default: (await import('./pipelineview')).PipelineView
}));

export interface IJobViewProps {
  model: JobModel;
  manager: IAmlManager;
  commands: CommandRegistry;
  /** Draws rich outputs; without it they are listed only. */
  rendermime: IRenderMimeRegistry | null;
  contents: Contents.IManager;
  trans: TranslationBundle;
}

export function JobView(props: IJobViewProps): JSX.Element {
  const { model, trans } = props;
  useSignal(model.changed);
  const { job } = model;
  if (job) {
    return <KnownJob {...props} job={job} />;
  }
  return (
    <UnknownView
      name={model.name}
      error={model.error}
      words={trans.__('Reading the job')}
      list={{ section: 'jobs', label: trans.__('Show jobs') }}
      commands={props.commands}
      trans={trans}
    />
  );
}

function KnownJob(props: IJobViewProps & { job: Job }): JSX.Element {
  const { model, trans, job } = props;
  const now = useNow(!isFinal(job.status));
  const stages = stagesOf({
    job,
    now,
    wait: model.wait,
    statuses: model.statuses,
    toldAt: model.waitToldAt
  });
  return (
    <div className="aml aml-view">
      <JobHeader {...props} now={now} />
      {!partsOf(job) && (
        <Stages
          stages={stages}
          progress={job.progress}
          hasEnded={isFinal(job.status)}
          trans={trans}
        />
      )}
      <Notes {...props} />
      <Tabs
        label={trans.__('Parts of the job')}
        tabs={tabsOf(job, trans)}
        chosen={model.part}
        onChoose={part => model.showPart(part)}
      >
        <Part {...props} chosen={model.part} now={now} />
      </Tabs>
    </div>
  );
}

function tabsOf(job: Job, trans: TranslationBundle): ITab[] {
  const count = countOutputs(job);
  const parts = {
    trials: trans.__('Trials'),
    steps: trans.__('Steps')
  };
  const kind = partsOf(job);
  return [
    ...(kind ? [{ id: 'parts', label: parts[kind] }] : []),
    { id: 'logs', label: trans.__('Logs') },
    {
      id: 'outputs',
      label: count ? trans.__('Outputs %1', count) : trans.__('Outputs')
    },
    ...(kind ? [] : [{ id: 'metrics', label: trans.__('Metrics') }]),
    { id: 'inputs', label: trans.__('Inputs & environment') },
    { id: 'code', label: trans.__('Code') }
  ];
}

/** What stands in the way of the job, and what to do about it. */
function Notes(props: IJobViewProps & { job: Job }): JSX.Element {
  const { job, manager, model, trans } = props;
  const problem = manager.problemOf(`job/${job.name}`);
  return (
    <div className="aml-note">
      {problem && (
        <ErrorMessage
          error={problem}
          trans={trans}
          onDismiss={() => manager.dismissProblem(`job/${job.name}`)}
        />
      )}
      <SlowStart {...props} wait={model.wait} />
      <Doctor {...props} />
      {job.warnings.map(warning => (
        <Message key={warning} kind="warn" title={warning} />
      ))}
    </div>
  );
}

function Part(
  props: IJobViewProps & { job: Job; chosen: string; now: number }
): JSX.Element {
  const { model, trans, job } = props;
  switch (props.chosen) {
    case 'parts':
      return (
        <React.Suspense fallback={null}>
          {partsOf(job) === 'trials' ? (
            <SweepView {...props} />
          ) : (
            <PipelineView {...props} />
          )}
        </React.Suspense>
      );
    case 'outputs':
      return <JobOutputs {...props} />;
    case 'metrics':
      return <JobMetrics {...props} />;
    case 'inputs':
      return <JobInputs {...props} />;
    case 'code':
      return <JobCode {...props} />;
    default:
      return (
        <div className="aml-columns">
          <LogView
            log={model.log}
            name={job.name}
            isLive={!model.hasEnded}
            trans={trans}
          />
          <div className="aml-side" tabIndex={0}>
            <MetricPlots
              series={Array.from(model.metrics.series.values())}
              other={null}
              trans={trans}
            />
            {!job.diagnosis && <LivePlots {...props} />}
            <NodeUse {...props} />
            <Receipt {...props} />
          </div>
        </div>
      );
  }
}
