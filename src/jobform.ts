/** The form of a command job: what is typed, the job it becomes, and the same as code. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { components } from './api';
import { COMMAND_JOB, IFieldSchema } from './jobschema';

type CommandSpec = components['schemas']['CommandJob'];

/** As typed: numbers are texts until they are read. */
export interface IJobForm {
  command: string;
  compute: string;
  environment: string;
  /** Absolute, or from the home folder. Runs there on `local`; travels along elsewhere. */
  folder: string;
  displayName: string;
  experimentName: string;
  instanceCount: string;
  timeout: string;
  retries: string;
  /** One `name=value` a line. */
  inputs: string;
  environmentVariables: string;
}

export function newJobForm(compute: string, folder: string): IJobForm {
  return {
    command: '',
    compute,
    environment: 'kernel',
    folder,
    displayName: '',
    experimentName: COMMAND_JOB.experimentName.default,
    instanceCount: String(COMMAND_JOB.instanceCount.default),
    timeout: '',
    retries: String(COMMAND_JOB.retries.default),
    inputs: '',
    environmentVariables: ''
  };
}

/** What of the form the service would refuse, in words; empty when there is nothing. */
export function jobTrouble(form: IJobForm, trans: TranslationBundle): string {
  if (!form.command.trim()) {
    return trans.__('Type the command that is to run.');
  }
  const numbers: [string, string, IFieldSchema][] = [
    [trans.__('Nodes'), form.instanceCount, COMMAND_JOB.instanceCount],
    [trans.__('Retries'), form.retries, COMMAND_JOB.retries]
  ];
  for (const [label, text, { minimum = 0, maximum = Infinity }] of numbers) {
    const value = Number(text);
    if (!Number.isInteger(value) || value < minimum || value > maximum) {
      return trans.__('%1: from %2 to %3.', label, minimum, maximum);
    }
  }
  if (form.timeout.trim() && !(Number(form.timeout) > 0)) {
    return trans.__('Time limit: a number of minutes.');
  }
  for (const text of [form.inputs, form.environmentVariables]) {
    const wrong = linesOf(text).find(line => !PAIR.test(line));
    if (wrong !== undefined) {
      return trans.__('“%1” is no NAME=VALUE.', wrong);
    }
  }
  return '';
}

/** Only what differs from the defaults is in it. */
export function jobSpec(form: IJobForm): CommandSpec {
  const spec: CommandSpec = {
    type: 'command',
    command: form.command.trim(),
    compute: form.compute
  };
  if (form.environment !== 'kernel') {
    spec.environment = form.environment;
  }
  if (form.folder.trim()) {
    Object.assign(spec, {
      [form.compute === 'local' ? 'cwd' : 'code']: form.folder.trim()
    });
  }
  if (form.displayName.trim()) {
    spec.displayName = form.displayName.trim();
  }
  if (form.experimentName.trim() !== COMMAND_JOB.experimentName.default) {
    spec.experimentName = form.experimentName.trim() || undefined;
  }
  if (Number(form.instanceCount) !== COMMAND_JOB.instanceCount.default) {
    spec.instanceCount = Number(form.instanceCount);
  }
  if (Number(form.retries)) {
    spec.retries = Number(form.retries);
  }
  if (Number(form.timeout)) {
    spec.timeout = Number(form.timeout) * 60;
  }
  if (form.inputs.trim()) {
    spec.inputs = pairsOf(form.inputs, scalarOf);
  }
  if (form.environmentVariables.trim()) {
    spec.environmentVariables = pairsOf(
      form.environmentVariables,
      text => text
    );
  }
  return spec;
}

const PAIR = /^\s*([A-Za-z_]\w*)\s*=(.*)$/;

function linesOf(text: string): string[] {
  return text.split('\n').filter(line => line.trim());
}

function pairsOf<T>(
  text: string,
  read: (value: string) => T
): Record<string, T> {
  const pairs: [string, T][] = [];
  for (const line of linesOf(text)) {
    const [, name = '', value = ''] = PAIR.exec(line) ?? [];
    pairs.push([name, read(value.trim())]);
  }
  return Object.fromEntries(pairs);
}

/** As YAML reads it: numbers and true or false are what they look like. */
function scalarOf(text: string): string | number | boolean {
  if (/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text)) {
    return Number(text);
  }
  return text === 'true' || (text === 'false' ? false : text);
}

/** The same job for who would rather type it: label and text. */
export function jobTwins(
  form: IJobForm,
  trans: TranslationBundle
): [string, string][] {
  const spec = jobSpec(form);
  const file = asFile(spec);
  return [
    [trans.__('Job file'), file],
    [trans.__('Python'), asPython(spec)],
    [
      trans.__('CLI'),
      `jupyter aml job create --file - --stream <<'END'\n${file}END\n`
    ]
  ];
}

/** A job file of Azure ML; JSON's own notation of texts and maps is YAML's too. */
function asFile(spec: CommandSpec): string {
  const fields: [string, unknown][] = [
    ['command', spec.command],
    ['display_name', spec.displayName],
    ['experiment_name', spec.experimentName],
    ['compute', spec.compute],
    ['environment', spec.environment],
    ['environment_variables', spec.environmentVariables],
    ['inputs', spec.inputs],
    ['code', spec.code],
    ['cwd', spec.cwd],
    ['resources', spec.instanceCount && { instance_count: spec.instanceCount }],
    ['limits', spec.timeout && { timeout: spec.timeout }],
    ['retries', spec.retries]
  ];
  return fields
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('');
}

const PYTHON_NAMES: Partial<Record<keyof CommandSpec, string>> = {
  displayName: 'display_name',
  experimentName: 'experiment_name',
  instanceCount: 'instance_count',
  environmentVariables: 'environment_variables'
};

function asPython(spec: CommandSpec): string {
  const values = Object.entries(spec)
    .filter(([key, value]) => key !== 'type' && value !== undefined)
    .map(([key, value]) => {
      const name = PYTHON_NAMES[key as keyof CommandSpec] ?? key;
      return `    ${name}=${literal(value)},\n`;
    })
    .join('');
  return `import jupyter_aml as aml
from jupyter_aml.model.job import CommandJob

job = aml.connect().jobs.create(CommandJob(
${values}))
`;
}

/** JSON's notation is Python's, but for true and false. */
function literal(value: unknown): string {
  if (typeof value === 'boolean') {
    return value ? 'True' : 'False';
  }
  if (typeof value === 'object' && value !== null) {
    const pairs = Object.entries(value).map(
      ([key, inner]) => `${JSON.stringify(key)}: ${literal(inner)}`
    );
    return `{${pairs.join(', ')}}`;
  }
  return JSON.stringify(value);
}
