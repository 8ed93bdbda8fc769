/** What "New environment" asks for, what is wrong with it, and the same as code. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { ITwins } from './twins';
import type { NewEnvironment } from './wire';

export interface IEnvironmentForm {
  name: string;
  /** What describes it: lines of requirements, or a conda file. */
  from: 'packages' | 'conda';
  packages: string;
  conda: string;
  /** A version or a range; empty takes the service's own. */
  python: string;
}

export const NO_ENVIRONMENT: IEnvironmentForm = {
  name: '',
  from: 'packages',
  packages: '',
  conda: '',
  python: ''
};

const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_-]{0,254}$/;

/** Why it cannot be created like this; empty when it can. Packages are checked by the service. */
export function environmentTrouble(
  form: IEnvironmentForm,
  trans: TranslationBundle
): string {
  if (!form.name) {
    return trans.__('It needs a name');
  }
  if (!NAME.test(form.name)) {
    return trans.__('Name: letters, digits, - and _, first no sign');
  }
  if (form.from === 'packages' && !linesOf(form.packages).length) {
    return trans.__('Name a package');
  }
  return form.from === 'conda' && !form.conda.trim()
    ? trans.__('Paste a conda file')
    : '';
}

export function environmentOf(form: IEnvironmentForm): NewEnvironment {
  const python = form.python.trim();
  return {
    name: form.name,
    ...(form.from === 'packages'
      ? { requirements: linesOf(form.packages) }
      : { condaFile: form.conda }),
    ...(python ? { python } : {})
  };
}

/** The lines that say something. */
export function linesOf(text: string): string[] {
  return text
    .split('\n')
    .map(line => line.trim())
    .filter(line => line !== '');
}

/** Where the line that a refusal names ("requirement 2") stands in the text; null without one. */
export function lineNamed(
  target: string,
  text: string
): { start: number; end: number } | null {
  const number = Number(/^requirement (\d+)$/.exec(target)?.[1] ?? 0);
  let start = 0;
  let seen = 0;
  for (const line of text.split('\n')) {
    seen += line.trim() === '' ? 0 : 1;
    if (number > 0 && seen === number && line.trim() !== '') {
      return { start, end: start + line.length };
    }
    start += line.length + 1;
  }
  return null;
}

/** Whether a line of requirements is about the package that a failed build names. */
export function isAbout(line: string, packageName: string): boolean {
  const canonical = (name: string) =>
    name.replace(/[-_.]+/g, '-').toLowerCase();
  const name = /^[A-Za-z0-9][A-Za-z0-9._-]*/.exec(line)?.[0] ?? '';
  return name !== '' && canonical(name) === canonical(packageName);
}

/** How to create and build the same. A long list is read from a file. */
export function environmentTwins(body: NewEnvironment): ITwins {
  const { name, python, requirements = [], condaFile } = body;
  const isShort = requirements.every(line => !/[\s"';]/.test(line));
  const content = condaFile
    ? '--conda-file conda.yml'
    : isShort
      ? `--pip "${requirements.join(' ')}"`
      : '--requirements requirements.txt';
  const version = python ? ` --python "${python}"` : '';
  const line = `environment create ${name} ${content}${version} --build`;
  const given = [
    `name=${JSON.stringify(name)}`,
    condaFile
      ? `conda_file=${JSON.stringify(condaFile)}`
      : `requirements=${JSON.stringify(requirements)}`,
    ...(python ? [`python=${JSON.stringify(python)}`] : [])
  ].join(', ');
  return {
    magic: `%aml ${line}`,
    python: [
      'import jupyter_aml as aml',
      'from jupyter_aml.model.environment import CreateEnvironment',
      'environments = aml.connect().environments',
      `environments.create(CreateEnvironment(${given}))`,
      `environments.build(${JSON.stringify(name)})`
    ].join('\n'),
    cli: `jupyter aml ${line}`
  };
}
