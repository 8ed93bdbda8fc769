import { Token } from '@lumino/coreutils';
import type { CommandRegistry } from '@lumino/commands';
import type { IDisposable } from '@lumino/disposable';
import type { ISignal } from '@lumino/signaling';
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ComponentType } from 'react';
import type { IFollower } from './feed';
import type { ApiError, Args, Answer } from './request';
import type { Operation } from './routes';
import type {
  BatchDeployment,
  BatchEndpoint,
  Compute,
  CostSummary,
  Data,
  Environment,
  JobSummary,
  Model,
  NewCompute,
  Node,
  Notice,
  OnlineDeployment,
  OnlineEndpoint,
  Preferences,
  Schedule,
  Session,
  UpdateCompute,
  UsualStart,
  Workspace
} from './wire';

/** How the tab is connected to the compute service, and since when it is not. */
export type Link =
  /** Not heard yet, or asking again. */
  | { kind: 'connecting' }
  | { kind: 'online' }
  /** Only the browser part is installed or enabled. */
  | { kind: 'missing' }
  /** Jupyter Server answers, the service does not. */
  | { kind: 'down'; error: ApiError; retryAt: number }
  /** The service answers, and refuses to say what there is. */
  | { kind: 'refused'; error: ApiError; retryAt: number }
  /** Jupyter Server does not answer. */
  | { kind: 'unreachable'; retryAt: number };

/** What was asked of an object and is not yet seen in its state. */
export type Asked =
  'start' | 'stop' | 'delete' | 'cancel' | 'archive' | 'update';

/** A row that the service does not list (yet): a create under way or refused. */
export interface IDraft {
  spec: NewCompute;
  since: number;
  error: ApiError | null;
}

/**
 * Everything the screens show of one workspace, kept in step by the feed.
 *
 * Nothing here is drawn; nothing drawn keeps state of its own that belongs here.
 */
export interface IAmlManager {
  readonly link: Link;
  /** Whether Jupyter Server lets this user change anything. */
  readonly mayWrite: boolean;
  readonly workspaces: readonly Workspace[];
  readonly workspace: Workspace | null;
  /**
   * Jobs known here, newest first: the first page, what the feed brought, and asked-for pages.
   * None that is a part of another.
   */
  readonly jobs: readonly JobSummary[];
  readonly moreJobs: boolean;
  /** Those that have not ended. */
  readonly activeJobs: readonly JobSummary[];
  readonly computes: readonly Compute[];
  readonly drafts: ReadonlyMap<string, IDraft>;
  readonly sessions: readonly Session[];
  readonly environments: readonly Environment[];
  /** The newest version of each model, the newest first. */
  readonly models: readonly Model[];
  readonly data: readonly Data[];
  readonly endpoints: readonly OnlineEndpoint[];
  readonly batchEndpoints: readonly BatchEndpoint[];
  /** Jobs that are made by the clock. */
  readonly schedules: readonly Schedule[];
  /** What the service announces: a budget nearly used up, compute that is stopped soon. */
  readonly notices: readonly Notice[];
  /** How long starts usually take, learnt from this person's own. */
  readonly starts: readonly UsualStart[];
  /** What sizes list at, as far as the panel needs it. */
  readonly pricesPerHour: ReadonlyMap<string, number>;
  /** Rate, spent and budget; null when the service does not count. */
  readonly costs: CostSummary | null;
  readonly preferences: Preferences | null;
  /** Where `%%aml` without `-c` runs. */
  readonly defaultCompute: string;
  /** When the last word from the service came (ms), or 0. */
  readonly heardAt: number;
  readonly isReady: boolean;

  /** Something changed; at most once per drawn frame. */
  readonly changed: ISignal<this, void>;
  /** A sentence for the live region. */
  readonly announced: ISignal<this, string>;
  /** A job that was known as active has ended; of a sweep or pipeline, the whole. */
  readonly jobEnded: ISignal<this, JobSummary>;

  nodesOf(compute: string): readonly Node[];
  deploymentsOf(endpoint: string): readonly OnlineDeployment[];
  batchDeploymentsOf(endpoint: string): readonly BatchDeployment[];
  jobNamed(name: string): JobSummary | null;
  /** The trials of a sweep or the steps of a pipeline, as far as the feed told of them. */
  partsOf(parent: string): readonly JobSummary[];
  /** What was asked of a job or compute ("job/NAME") and is not seen yet. */
  askedOf(key: string): Asked | null;
  /** Why the last request about a job or compute was refused. */
  problemOf(key: string): ApiError | null;
  dismissProblem(key: string): void;

  createCompute(spec: NewCompute): Promise<void>;
  updateCompute(name: string, change: UpdateCompute): Promise<void>;
  dismissDraft(name: string): void;
  startCompute(name: string): Promise<void>;
  stopCompute(name: string): Promise<void>;
  restartCompute(name: string): Promise<void>;
  /** Take back low-priority nodes, to see how a job bears it. */
  evictNodes(name: string): Promise<void>;
  deleteCompute(name: string): Promise<void>;
  /** Let go of an attached machine, which stays as it is. */
  detachCompute(name: string): Promise<void>;
  cancelJob(name: string): Promise<void>;
  archiveJob(name: string): Promise<void>;
  endSession(name: string): Promise<void>;
  useWorkspace(name: string): Promise<void>;
  setPreferences(change: Partial<Preferences>): Promise<void>;
  buildEnvironment(name: string, version: string): Promise<void>;
  cancelBuild(name: string, version: string): Promise<void>;
  /** End the service and what runs in it. It stays stopped until somebody wants it. */
  stopService(): Promise<void>;
  loadMoreJobs(): Promise<void>;

  /** Read a job's events after a number, live; survives reconnects. */
  follow(job: string, after: number, follower: IFollower): IDisposable;
  call<O extends Operation>(operation: O, args: Args<O>): Promise<Answer<O>>;
  /** Call an operation that answers with lines of JSON, and does not go on for ever. */
  lines<T>(operation: Operation, args: Record<string, unknown>): Promise<T[]>;
  /** Do something that was asked of what `key` names; its row says so until it is done or refused. */
  ask(key: string, asked: Asked, action: () => Promise<void>): Promise<void>;
  /** Look for the service now instead of when the back-off says; start it unless told not to. */
  reconnect(mayStart?: boolean): void;
}

export const IAmlManager = new Token<IAmlManager>(
  'jupyter-aml:IAmlManager',
  'The state of the compute workspace and what can be asked of it.'
);

export interface ISectionProps {
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
}

/** One section of the side panel. Register it with `ISidebar.addSection`. */
export interface ISidebarSection {
  id: string;
  title: string;
  /** Place among the others: Running now 100, Compute 200, Jobs 300. */
  rank: number;
  /** Short text beside the title: how many there are. */
  count?(manager: IAmlManager, trans: TranslationBundle): string;
  /** Closed until the person opens it. */
  isClosed?: boolean;
  /** Whether it is shown at all; without it, always. */
  isVisible?(manager: IAmlManager): boolean;
  /** Commands shown as icon buttons in the title. */
  tools?: string[];
  Body: ComponentType<ISectionProps>;
}

export interface ISidebar {
  addSection(section: ISidebarSection): IDisposable;
  /** Show the panel. */
  open(): void;
}

export const ISidebar = new Token<ISidebar>(
  'jupyter-aml:ISidebar',
  'The Azure ML side panel, to which other extensions can add sections.'
);

export const PALETTE_CATEGORY = 'Azure ML';

export namespace CommandIDs {
  export const openPanel = 'jupyter-aml:open-panel';
  export const reconnect = 'jupyter-aml:reconnect';
  export const stopService = 'jupyter-aml:stop-service';
  export const showServiceLog = 'jupyter-aml:show-service-log';
  export const setBudget = 'jupyter-aml:set-budget';
  export const setDefaultCompute = 'jupyter-aml:set-default-compute';
  export const openSample = 'jupyter-aml:open-sample';
  export const keyboardHelp = 'jupyter-aml:keyboard-help';
  export const desktopNotices = 'jupyter-aml:desktop-notices';
  export const filterJobs = 'jupyter-aml:filter-jobs';
  export const createEnvironment = 'jupyter-aml:create-environment';
  export const openEnvironment = 'jupyter-aml:open-environment';
  export const buildEnvironment = 'jupyter-aml:build-environment';
  export const createCompute = 'jupyter-aml:create-compute';
  export const editCompute = 'jupyter-aml:edit-compute';
  export const evictNodes = 'jupyter-aml:evict-nodes';
  export const startCompute = 'jupyter-aml:start-compute';
  export const stopCompute = 'jupyter-aml:stop-compute';
  export const restartCompute = 'jupyter-aml:restart-compute';
  export const deleteCompute = 'jupyter-aml:delete-compute';
  export const detachCompute = 'jupyter-aml:detach-compute';
  export const createJob = 'jupyter-aml:create-job';
  export const openJob = 'jupyter-aml:open-job';
  export const cancelJob = 'jupyter-aml:cancel-job';
  export const archiveJob = 'jupyter-aml:archive-job';
  export const endSession = 'jupyter-aml:end-session';
  export const copyText = 'jupyter-aml:copy';
  export const goToCell = 'jupyter-aml:go-to-cell';
  export const rerunJob = 'jupyter-aml:rerun-job';
  export const copyJob = 'jupyter-aml:copy-job-as';
  export const insertCode = 'jupyter-aml:insert-code';
  export const applyFix = 'jupyter-aml:apply-fix';
  export const openEndpoint = 'jupyter-aml:open-endpoint';
  export const deleteEndpoint = 'jupyter-aml:delete-endpoint';
  export const showKeys = 'jupyter-aml:show-keys';
  export const deployModel = 'jupyter-aml:deploy-model';
  export const deleteBatchEndpoint = 'jupyter-aml:delete-batch-endpoint';
  export const openData = 'jupyter-aml:open-data';
  export const openModel = 'jupyter-aml:open-model';
  export const scheduleJob = 'jupyter-aml:schedule-job';
  export const triggerSchedule = 'jupyter-aml:trigger-schedule';
  export const enableSchedule = 'jupyter-aml:enable-schedule';
  export const disableSchedule = 'jupyter-aml:disable-schedule';
  export const deleteSchedule = 'jupyter-aml:delete-schedule';
  export const runNotebook = 'jupyter-aml:run-notebook';
  export const openExecuted = 'jupyter-aml:open-executed';
  export const runCell = 'jupyter-aml:run-cell';
  export const runCellOn = 'jupyter-aml:run-cell-on';
}
