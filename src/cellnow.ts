/** A cell as it is saved now, and how it differs from what ran. */
import { PageConfig } from '@jupyterlab/coreutils';
import type * as nbformat from '@jupyterlab/nbformat';
import type { Contents } from '@jupyterlab/services';
import type { ICellPlace } from './cellaccess';
import { serverPath } from './reattach';

/** The text of a cell as its notebook was saved; null if it is not there any more. */
export async function sourceNow(
  place: ICellPlace,
  contents: Pick<Contents.IManager, 'get'>
): Promise<string | null> {
  const root = PageConfig.getOption('serverRoot');
  const path = serverPath(place.notebook, root);
  if (path === null) {
    return null;
  }
  const file = await contents.get(path, { content: true, type: 'notebook' });
  const { cells } = file.content as nbformat.INotebookContent;
  const cell = cells.find(one => one.id === place.cellId);
  const source = cell?.source as string | string[] | undefined;
  return Array.isArray(source) ? source.join('') : (source ?? null);
}

/** Numbers (from 0) of the lines of `before` that are not in `now`. The magic's line counts too. Pure. */
export function changedLines(before: string, now: string): Set<number> {
  const known = new Set(now.split('\n'));
  const lines = before.split('\n');
  // A spec may hold the body alone: then its lines are compared as they are.
  return new Set(
    lines.flatMap((line, index) => (known.has(line) ? [] : [index]))
  );
}
