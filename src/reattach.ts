/**
 * Which job's output a cell of an opened notebook shows, if any. Pure.
 *
 * The service keeps "notebook path + cell id" with each run, so a copied cell or notebook, which
 * has another id or path, finds nothing and stays as it is.
 */
import { isAmlCell, isDetached } from './magic';
import { isFinal } from './status';

/** What the page knows of a cell. */
export interface ICellFacts {
  source: string;
  /** The kernel runs it for this page: the kernel writes its outputs. */
  isRunningHere: boolean;
}

/** What the service knows of the newest run of a cell. */
export interface IRunFacts {
  status: string;
  endedAt: string | null;
}

/** Whether it is worth asking the service about this cell. */
export function mayAttach(cell: ICellFacts): boolean {
  return (
    isAmlCell(cell.source) && !isDetached(cell.source) && !cell.isRunningHere
  );
}

/**
 * Whether the outputs in the file are older than what the run printed.
 *
 * A run that ended before the file was saved is left alone: what is saved is what the person had
 * and wanted, cleared outputs included.
 */
export function isOutdated(run: IRunFacts, savedAt: string): boolean {
  if (!isFinal(run.status) || run.endedAt === null) {
    return true;
  }
  return new Date(run.endedAt).getTime() > new Date(savedAt).getTime();
}

/** An output's own word of the job that wrote it. */
export function jobOfOutputs(outputs: readonly unknown[]): string | null {
  for (const output of outputs) {
    const metadata = (output as { metadata?: Record<string, unknown> })
      .metadata;
    const own = metadata?.['jupyter_aml'] as { job?: unknown } | undefined;
    if (typeof own?.job === 'string') {
      return own.job;
    }
  }
  return null;
}

/**
 * The paths under which the service may know a notebook, the likeliest first.
 *
 * A kernel knows its notebook's path in the file system, the page the path below the server's
 * root, which may be abbreviated with "~".
 */
export function notebookPaths(path: string, serverRoot: string): string[] {
  const local = path.replace(/^[A-Za-z]+:/, ''); // "RTC:" and other drives
  return serverRoot
    ? [`${serverRoot.replace(/\/+$/, '')}/${local}`, local]
    : [local];
}

/** Whether a path that the service keeps is the notebook of this page. */
export function isSameNotebook(
  kept: string,
  path: string,
  serverRoot: string
): boolean {
  if (notebookPaths(path, serverRoot).includes(kept)) {
    return true;
  }
  const below = serverRoot.startsWith('~') ? serverRoot.slice(1) : null;
  return (
    below !== null &&
    kept.startsWith('/') &&
    kept.endsWith(`${below.replace(/\/+$/, '')}/${path}`)
  );
}

/**
 * The path that Jupyter Server has for a kept path, or null if it is not below the server's root.
 *
 * The inverse of `notebookPaths`: what is kept is a path of the file system or already the
 * server's own.
 */
export function serverPath(kept: string, serverRoot: string): string | null {
  if (!kept.startsWith('/')) {
    return kept || null;
  }
  const root = serverRoot.replace(/\/+$/, '');
  if (root && !root.startsWith('~')) {
    return kept.startsWith(`${root}/`) ? kept.slice(root.length + 1) : null;
  }
  const below = `${root.slice(1)}/`;
  const at = kept.indexOf(below);
  return root && at > 0 ? kept.slice(at + below.length) : null;
}
