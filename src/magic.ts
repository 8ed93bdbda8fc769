/** The `%%aml` line on top of a cell, read and written as text. */

const FIRST_LINE = /^\s*%%aml(?=\s|$)([^\n]*)/;

export function isAmlCell(source: string): boolean {
  return FIRST_LINE.test(source);
}

/** The compute that a cell's magic names, or null if it names none or is no `%%aml` cell. */
export function computeOf(source: string): string | null {
  const options = FIRST_LINE.exec(source)?.[1] ?? '';
  const named = /(?:^|\s)(?:-c|--compute)[\s=]+(\S+)/.exec(options);
  return named?.[1] ?? null;
}

/** Whether the cell returns at once, so that its output is not the job's. */
export function isDetached(source: string): boolean {
  const options = FIRST_LINE.exec(source)?.[1] ?? '';
  return /(?:^|\s)--detach(?=\s|$)/.test(options);
}

/**
 * The source with `%%aml -c compute` on top.
 *
 * A cell that is one already keeps its other options; only the compute changes.
 */
export function withMagic(source: string, compute: string): string {
  const match = FIRST_LINE.exec(source);
  if (!match) {
    return `%%aml -c ${compute}\n${source.replace(/^\n+/, '')}`;
  }
  if (computeOf(source) === compute) {
    return source;
  }
  const others = (match[1] ?? '')
    .replace(/(^|\s)(?:-c|--compute)[\s=]+\S+/, '')
    .trim();
  const line = `%%aml -c ${compute}${others ? ` ${others}` : ''}`;
  return line + source.slice(match[0].length);
}

/**
 * Why a cell cannot be sent, or null.
 *
 * Another cell magic on top would become the body's first line and fail over there.
 */
export function foreignMagic(source: string): string | null {
  const match = /^\s*%%(\w+)/.exec(source);
  return match && match[1] !== 'aml' ? `%%${match[1]}` : null;
}
