/** The parameters of a notebook that runs as a job: papermill's cell with the tag "parameters". Pure. */
import type * as nbformat from '@jupyterlab/nbformat';

export interface IParameter {
  name: string;
  /** Its value as Python has it. */
  text: string;
}

/** The parameters that a notebook declares, in their order. */
export function parametersOf(
  notebook: Pick<nbformat.INotebookContent, 'cells'>
): IParameter[] {
  const cell = notebook.cells.find(one => {
    const tags = (one.metadata as { tags?: unknown }).tags;
    return Array.isArray(tags) && tags.includes('parameters');
  });
  if (!cell || cell.cell_type !== 'code') {
    return [];
  }
  const source = cell.source as string | string[];
  const text = Array.isArray(source) ? source.join('') : source;
  return text.split('\n').flatMap(line => {
    const match = /^([A-Za-z_]\w*)\s*(?::[^=]+)?=(?!=)\s*(.+)$/.exec(line);
    return match
      ? [{ name: match[1] ?? '', text: withoutComment(match[2] ?? '') }]
      : [];
  });
}

/** A value without the comment behind it; a "#" in quotes is no comment. */
function withoutComment(text: string): string {
  return text.replace(/^((?:"[^"]*"|'[^']*'|[^#"'])*)#.*$/, '$1').trim();
}

/**
 * What a typed value means, as JSON: a Python literal of numbers, texts, lists and dicts, else the
 * text itself.
 */
export function valueOf(text: string): unknown {
  const json = text
    .trim()
    .replace(
      /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\b(?:True|False|None)\b/g,
      part =>
        part.startsWith("'")
          ? JSON.stringify(part.slice(1, -1).replace(/\\'/g, "'"))
          : (LITERALS[part] ?? part)
    )
    .replace(/,\s*([\]}])/g, '$1');
  try {
    return JSON.parse(json);
  } catch {
    return text.trim();
  }
}

const LITERALS: Record<string, string> = {
  True: 'true',
  False: 'false',
  None: 'null'
};

/** The notebook without its outputs, which are made anew. */
export function withoutOutputs(
  notebook: nbformat.INotebookContent
): nbformat.INotebookContent {
  const cells = notebook.cells.map(cell =>
    cell.cell_type === 'code'
      ? { ...cell, outputs: [], execution_count: null }
      : cell
  );
  return { ...notebook, cells };
}
