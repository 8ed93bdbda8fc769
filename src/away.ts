/** What was filled into a cell that nobody had in sight: counted from its outputs. Pure. */
import type * as nbformat from '@jupyterlab/nbformat';

export interface IFilled {
  lines: number;
  plots: number;
  /** Index of the first output that is new or longer than it was. */
  first: number;
}

export function filledIn(
  before: readonly nbformat.IOutput[],
  after: readonly nbformat.IOutput[]
): IFilled {
  const first = after.findIndex(
    (output, index) => JSON.stringify(output) !== JSON.stringify(before[index])
  );
  return {
    lines: Math.max(0, count(after, linesOf) - count(before, linesOf)),
    plots: Math.max(0, count(after, isPlot) - count(before, isPlot)),
    first: first < 0 ? after.length : first
  };
}

function count(
  outputs: readonly nbformat.IOutput[],
  measure: (output: nbformat.IOutput) => number
): number {
  return outputs.reduce((sum, output) => sum + measure(output), 0);
}

function linesOf(output: nbformat.IOutput): number {
  if (output.output_type !== 'stream') {
    return 0;
  }
  const text = output.text as string | string[];
  return (Array.isArray(text) ? text.join('') : text).split('\n').length - 1;
}

function isPlot(output: nbformat.IOutput): number {
  const types = Object.keys((output.data as object | undefined) ?? {});
  return types.some(type => type.startsWith('image/')) ? 1 : 0;
}
