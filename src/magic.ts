/** The `%%aml` line on top of a cell, read and written as text. */

const FIRST_LINE = /^\s*%%aml(?=\s|$)([^\n]*)/;

export function isAmlCell(source: string): boolean {
  return FIRST_LINE.test(source);
}

/** Whether a cell uses `%%aml` or, on any line, `%aml`. */
export function usesMagic(source: string): boolean {
  return /^[^\S\n]*%%?aml(?=\s|$)/m.test(source);
}

/** The compute that a cell's magic names, or null if it names none or is no `%%aml` cell. */
export function computeOf(source: string): string | null {
  return optionOf(source, /(?:^|\s)(?:-c|--compute)[\s=]+(\S+)/);
}

/** The environment that it names; null is `kernel`, the notebook's own interpreter. */
export function environmentOf(source: string): string | null {
  return optionOf(source, /(?:^|\s)(?:-e|--environment)[\s=]+(\S+)/);
}

/** How many nodes it asks for; null is one. */
export function nodesOf(source: string): number | null {
  const named = optionOf(
    source,
    /(?:^|\s)(?:-n|--nodes)[\s=]+(\d{1,3})(?=\s|$)/
  );
  return named ? Number(named) : null;
}

function optionOf(source: string, pattern: RegExp): string | null {
  return pattern.exec(FIRST_LINE.exec(source)?.[1] ?? '')?.[1] ?? null;
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

/** Short names of the options of `%%aml`, by their long ones. */
const SHORT: Record<string, string> = {
  '--compute': '-c',
  '--environment': '-e',
  '--inputs': '-i',
  '--outputs': '-o',
  '--nodes': '-n',
  '--session': '-s',
  '--detach': '-d'
};

/** Options in their long form, `--compute cpu-big --no-out`, as names with their values. */
export function readOptions(options: string): [string, string][] {
  const found: [string, string][] = [];
  for (const word of options.match(/"[^"]*"|'[^']*'|\S+/g) ?? []) {
    const last = found[found.length - 1];
    if (word.startsWith('--')) {
      const [name = '', value = ''] = word.split(/=(.*)/s);
      found.push([name, value]);
    } else if (last) {
      last[1] = last[1] ? `${last[1]} ${word}` : word;
    }
  }
  return found;
}

/** The source with `options` on its `%%aml` line, each in the place of the one of its name. */
export function withOptions(source: string, options: string): string {
  const wanted = readOptions(options);
  const named = wanted.find(([name]) => name === '--compute')?.[1];
  const base = isAmlCell(source) ? source : withMagic(source, named ?? 'local');
  const match = FIRST_LINE.exec(base);
  let line = (match?.[1] ?? '').trim();
  for (const [name, value] of wanted) {
    line = without(line, name);
    line = `${line} ${value ? `${name} ${value}` : name}`.trim();
  }
  return `%%aml ${line}`.trim() + base.slice(match?.[0].length ?? 0);
}

function without(line: string, name: string): string {
  const names = [name, SHORT[name]].filter(Boolean).join('|');
  const value = `(?:[\\s=]+(?!-)(?:"[^"]*"|'[^']*'|\\S+))?`;
  return line
    .replace(new RegExp(`(^|\\s)(?:${names})(?=\\s|=|$)${value}`, 'g'), '$1')
    .replace(/\s+/g, ' ')
    .trim();
}
