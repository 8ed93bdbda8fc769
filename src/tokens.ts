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
  Compute,
  JobSummary,
  NewCompute,
  Node,
  Session,
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
export type Asked = 'start' | 'stop' | 'delete' | 'cancel' | 'archive';

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
  readonly workspace: Workspace | null;
  /** Jobs known here, newest first: the first page, what the feed brought, and asked-for pages. */
  readonly jobs: readonly JobSummary[];
  readonly moreJobs: boolean;
  readonly computes: readonly Compute[];
  readonly drafts: ReadonlyMap<string, IDraft>;
  readonly sessions: readonly Session[];
  /** Where `%%aml` without `-c` runs. */
  readonly defaultCompute: string;
  /** When the last word from the service came (ms), or 0. */
  readonly heardAt: number;
  readonly isReady: boolean;

  /** Something changed; at most once per drawn frame. */
  readonly changed: ISignal<this, void>;
  /** A sentence for the live region. */
  readonly announced: ISignal<this, string>;

  nodesOf(compute: string): readonly Node[];
  /** What was asked of a job or compute ("job/NAME") and is not seen yet. */
  askedOf(key: string): Asked | null;
  /** Why the last request about a job or compute was refused. */
  problemOf(key: string): ApiError | null;
  dismissProblem(key: string): void;

  createCompute(spec: NewCompute): Promise<void>;
  dismissDraft(name: string): void;
  startCompute(name: string): Promise<void>;
  stopCompute(name: string): Promise<void>;
  restartCompute(name: string): Promise<void>;
  deleteCompute(name: string): Promise<void>;
  cancelJob(name: string): Promise<void>;
  archiveJob(name: string): Promise<void>;
  endSession(name: string): Promise<void>;
  loadMoreJobs(): Promise<void>;

  /** Read a job's events after a number, live; survives reconnects. */
  follow(job: string, after: number, follower: IFollower): IDisposable;
  call<O extends Operation>(operation: O, args: Args<O>): Promise<Answer<O>>;
  /** Look for the service now instead of when the back-off says. */
  reconnect(): void;
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
  count?(manager: IAmlManager): string;
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
  export const createCompute = 'jupyter-aml:create-compute';
  export const startCompute = 'jupyter-aml:start-compute';
  export const stopCompute = 'jupyter-aml:stop-compute';
  export const restartCompute = 'jupyter-aml:restart-compute';
  export const deleteCompute = 'jupyter-aml:delete-compute';
  export const openJob = 'jupyter-aml:open-job';
  export const cancelJob = 'jupyter-aml:cancel-job';
  export const archiveJob = 'jupyter-aml:archive-job';
  export const endSession = 'jupyter-aml:end-session';
  export const copyText = 'jupyter-aml:copy';
  export const runCell = 'jupyter-aml:run-cell';
  export const runCellOn = 'jupyter-aml:run-cell-on';
}
