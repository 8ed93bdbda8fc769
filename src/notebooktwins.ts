/** A notebook that runs as a job, as code. Pure. */
import type { ITwins } from './twins';

export interface INotebookRun {
  compute: string;
  environment: string;
  /** Values by their names, as JSON has them. */
  parameters: Record<string, unknown>;
}

/** As typed in the notebook's folder; what has its default is left out. */
export function notebookTwins(file: string, run: INotebookRun): ITwins {
  const { compute, environment } = run;
  const parameters = Object.entries(run.parameters);
  const options = [
    `--notebook ${shell(file)}`,
    ...parameters.map(([name, value]) => {
      return `-p ${shell(`${name}=${JSON.stringify(value)}`)}`;
    }),
    ...(compute === 'local' ? [] : [`-c ${compute}`]),
    ...(environment === 'kernel' ? [] : [`--set environment=${environment}`])
  ];
  const line = `job create ${options.join(' ')}`;
  const given = [
    python(file),
    ...(parameters.length ? [python(run.parameters)] : []),
    ...(compute === 'local' ? [] : [`compute=${python(compute)}`]),
    ...(environment === 'kernel' ? [] : [`environment=${python(environment)}`])
  ];
  return {
    magic: `%aml ${line}`,
    python: `import jupyter_aml as aml\naml.connect().jobs.create(aml.notebook_job(${given.join(', ')}))`,
    cli: `jupyter aml ${line}`
  };
}

/** A word for a shell, in quotes where it needs them. */
function shell(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word)
    ? word
    : `'${word.replace(/'/g, `'"'"'`)}'`;
}

/** JSON as Python writes it. */
function python(value: unknown): string {
  if (value === null || typeof value === 'boolean') {
    return value === null ? 'None' : value ? 'True' : 'False';
  }
  if (Array.isArray(value)) {
    return `[${value.map(python).join(', ')}]`;
  }
  if (typeof value === 'object') {
    const pairs = Object.entries(value as object);
    return `{${pairs.map(([key, one]) => `${python(key)}: ${python(one)}`).join(', ')}}`;
  }
  return JSON.stringify(value);
}
