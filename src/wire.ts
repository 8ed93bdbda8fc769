/**
 * The service's nouns by the names which the screens use.
 *
 * In `api.ts` every field with a default is optional, since a request may leave it out. An answer
 * always holds it, which is what `Full` says.
 */
import type { components } from './api';

type Schemas = components['schemas'];

type Full<T> = { [K in keyof T]-?: T[K] };

export type AmlCompute = Full<Schemas['AmlCompute']>;
export type ComputeInstance = Full<Schemas['ComputeInstance']>;
export type LocalCompute = Full<Schemas['LocalCompute']>;
export type AttachedMachine = Full<Schemas['AttachedMachine']>;
export type AttachedCompute = Full<Schemas['AttachedCompute']>;
export type ComputeSpec =
  AmlCompute | ComputeInstance | LocalCompute | AttachedCompute;

export type NewCompute = Schemas['AmlCompute'] | Schemas['ComputeInstance'];

export type Compute = Omit<Full<Schemas['Compute']>, 'spec' | 'machine'> & {
  spec: ComputeSpec;
  /** Of an attached one: what was found there. */
  machine?: AttachedMachine | null;
};
export type Node = Full<Schemas['Node']>;
export type Sample = Schemas['Sample'];
export type VmSize = Full<Schemas['VmSize']>;
export type Usage = Full<Schemas['Usage']>;

export type Job = Full<Schemas['Job']>;
export type Input = Schemas['Input'];
export type JobSummary = Full<Schemas['JobSummary']>;
/** What a job logged, by `aml.log` and through MLflow. */
export type JobMetrics = Full<Schemas['JobMetrics']>;
export type Receipt = Full<Schemas['Receipt']>;
export type Session = Full<Schemas['Session']>;
export type CellRun = Full<Schemas['CellRun']>;
export type ErrorBody = Schemas['ErrorBody'];

export type Workspace = Full<Schemas['Workspace']>;
export type Preferences = Full<Schemas['Preferences']>;
export type UpdateCompute = Schemas['UpdateCompute'];

export type Guard = Full<Schemas['Guard']>;
export type CostSummary = Omit<Full<Schemas['CostSummary']>, 'guard'> & {
  guard: Guard;
};
export type Notice = Full<Schemas['Notice']>;
export type Environment = Full<Schemas['Environment']>;
export type NewEnvironment = Schemas['CreateEnvironment'];
export type BuildLine = Schemas['BuildLine'];
export type Model = Omit<Full<Schemas['Model']>, 'lineage'> & {
  lineage: Full<Schemas['Lineage']>;
};
export type Data = Full<Schemas['Data']>;
export type Datastore = Full<Schemas['Datastore']>;
export type Entry = Full<Schemas['Entry']>;
export type Preview = Full<Schemas['Preview']>;

export type Rollout = Full<Schemas['Rollout']>;
export type RolloutRule = Schemas['RolloutRule'];
export type OnlineEndpoint = Omit<
  Full<Schemas['OnlineEndpoint']>,
  'rollout'
> & { rollout: Rollout | null };
export type BatchEndpoint = Full<Schemas['BatchEndpoint']>;
export type BatchDeployment = Full<Schemas['BatchDeployment']>;
export type NewDeployment = Schemas['CreateOnlineDeployment'];
export type ScoringInstance = Full<Schemas['Instance']>;
export type OnlineDeployment = Omit<
  Full<Schemas['OnlineDeployment']>,
  'instances'
> & { instances: ScoringInstance[] };
export type TrafficSample = Full<Schemas['TrafficSample']>;
export type DeploymentTraffic = {
  deployment: string;
  samples: TrafficSample[];
};
export type LogLine = Schemas['DeploymentLogLine'];
export type Rehearsal = Full<Schemas['Rehearsal']>;
export type InvokeAnswer = Full<Schemas['Answer']>;
export type EndpointKeys = Schemas['EndpointKeys'];

export type UsualStart = Full<Schemas['UsualStart']>;
export type Fix = Schemas['Fix'];

export type WaitStage = Full<Schemas['WaitStage']>;
export type Wait = Omit<Full<Schemas['Wait']>, 'stages'> & {
  stages: WaitStage[];
};

export type Diagnosis = Schemas['Diagnosis'];
export type Preflight = Full<Schemas['Preflight']>;
export type KernelPreflight = Full<Schemas['KernelPreflight']>;
export type Problem = Schemas['Problem'];

/** One line of a job's event log. Which fields are set depends on `kind`. */
export type JobEvent = Schemas['Event'];

export type Trial = Full<Schemas['Trial']>;
export type TrialList = Omit<Full<Schemas['TrialList']>, 'value'> & {
  value: Trial[];
};
export type StepRow = Full<Schemas['StepRow']>;
export type StepList = Omit<Full<Schemas['StepList']>, 'value'> & {
  value: StepRow[];
};

export type Trigger = Schemas['CronTrigger'] | Schemas['RecurrenceTrigger'];
export type WeekDay = NonNullable<
  Schemas['RecurrencePattern']['weekDays']
>[number];
export type NewSchedule = Schemas['CreateSchedule'];
export type ScheduleRun = Full<Schemas['ScheduleRun']>;
export type Schedule = Omit<Full<Schemas['Schedule']>, 'runs'> & {
  runs: ScheduleRun[];
};
