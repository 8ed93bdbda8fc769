/** Which compute a notebook runs its cells on: what was last chosen in it, kept in its metadata. */
import type { NotebookPanel } from '@jupyterlab/notebook';
import { computeOf } from './magic';

const KEY = 'jupyter_aml';

type Metadata = Record<string, unknown> | undefined;

/** The compute for the active cell: its own line's, the notebook's, else the preference. */
export function computeFor(panel: NotebookPanel, preferred: string): string {
  const { widgets, activeCellIndex } = panel.content;
  const sources = widgets
    .slice(0, activeCellIndex + 1)
    .map(cell => cell.model.sharedModel.getSource());
  return chosenCompute(sources, remembered(panel), preferred);
}

/**
 * What the last of `sources` names, else what the notebook remembers, else what the nearest cell
 * above names, else what the person prefers. Pure.
 */
export function chosenCompute(
  sources: readonly string[],
  kept: string,
  preferred: string
): string {
  const named = sources.map(computeOf);
  const own = named[named.length - 1];
  const above = named.reverse().find(name => name !== null);
  return own || kept || above || preferred;
}

export function remembered(panel: NotebookPanel): string {
  const own = panel.content.model?.getMetadata(KEY) as Metadata;
  return typeof own?.compute === 'string' ? own.compute : '';
}

/** Remember it in the notebook, for every later cell. */
export function remember(panel: NotebookPanel, compute: string): void {
  const { model } = panel.content;
  if (model && remembered(panel) !== compute) {
    const own = model.getMetadata(KEY) as Metadata;
    model.setMetadata(KEY, { ...own, compute });
  }
}
