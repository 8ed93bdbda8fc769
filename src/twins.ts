/** Each action as code: in a notebook, in Python, in a terminal. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { IMenuEntry } from './components/menu';
import { CommandIDs } from './tokens';
import type { NewCompute, UpdateCompute } from './wire';

export interface ITwins {
  magic: string;
  python: string;
  cli: string;
}

/** What Python begins with. */
export const CLIENT = 'import jupyter_aml as aml\n';

/** A verb on something by its name: stop a compute, cancel a job. */
export function verbTwins(
  noun: 'compute' | 'job',
  verb: string,
  name: string
): ITwins {
  const facet = noun === 'job' ? 'jobs' : 'compute';
  return {
    magic: `%aml ${noun} ${verb} ${name}`,
    python: `${CLIENT}aml.connect().${facet}.${verb}(${quote(name)})`,
    cli: `jupyter aml ${noun} ${verb} ${name}`
  };
}

/** How to make a schedule's job now. */
export function scheduleVerbTwins(name: string): ITwins {
  return {
    magic: `%aml schedule trigger ${name}`,
    python: `${CLIENT}aml.connect().schedules.trigger(${quote(name)})`,
    cli: `jupyter aml schedule trigger ${name}`
  };
}

/** How to run something on a compute. */
export function useTwins(name: string): ITwins {
  return {
    magic: `%%aml -c ${name}`,
    python: `${CLIENT}@aml.remote(compute=${quote(name)})\ndef work():\n    ...`,
    cli: `jupyter aml job create -f job.yml --set compute=${name} --stream`
  };
}

/** How to see what a job prints. */
export function streamTwins(name: string): ITwins {
  return {
    magic: `%aml job stream ${name}`,
    python: `${CLIENT}for event in aml.connect().jobs.follow(${quote(name)}):\n    print(event.text, end="")`,
    cli: `jupyter aml job stream ${name}`
  };
}

/** Options that have their default are left out. */
export function createTwins(spec: NewCompute): ITwins {
  const options: string[] = [];
  if (spec.type === 'computeinstance') {
    options.push('--type computeinstance');
  }
  options.push(`--size ${spec.size}`, ...changeOptions(changed(spec)));
  if (spec.type === 'amlcompute' && spec.tier === 'low_priority') {
    options.push('--tier low_priority');
  }
  const line = [`compute create ${spec.name}`, ...options].join(' ');
  return {
    magic: `%aml ${line}`,
    python: pythonCreate(spec),
    cli: `jupyter aml ${line}`
  };
}

/** What differs from the defaults of a new compute. */
function changed(spec: NewCompute): UpdateCompute {
  if (spec.type === 'computeinstance') {
    const minutes = spec.idleTimeBeforeShutdownMinutes;
    return minutes === undefined || minutes === 60
      ? {}
      : { idleTimeBeforeShutdownMinutes: minutes ?? 0 };
  }
  return {
    minInstances: spec.minInstances || undefined,
    maxInstances: spec.maxInstances ?? 1,
    idleTimeBeforeScaleDown:
      spec.idleTimeBeforeScaleDown === 120
        ? undefined
        : spec.idleTimeBeforeScaleDown
  };
}

export function updateTwins(name: string, change: UpdateCompute): ITwins {
  const line = [`compute update ${name}`, ...changeOptions(change)].join(' ');
  const fields = pythonFields(change);
  return {
    magic: `%aml ${line}`,
    python:
      `${CLIENT}from jupyter_aml.model.compute import UpdateCompute\n` +
      `aml.connect().compute.update(${quote(name)}, UpdateCompute(${fields}))`,
    cli: `jupyter aml ${line}`
  };
}

const OPTIONS: [keyof UpdateCompute, string][] = [
  ['minInstances', 'min-instances'],
  ['maxInstances', 'max-instances'],
  ['idleTimeBeforeScaleDown', 'idle-time-before-scale-down'],
  ['idleTimeBeforeShutdownMinutes', 'idle-time-before-shutdown-minutes']
];

function changeOptions(change: UpdateCompute): string[] {
  return OPTIONS.filter(([field]) => typeof change[field] === 'number').map(
    ([field, option]) => `--${option} ${String(change[field])}`
  );
}

function pythonFields(values: object): string {
  return Object.entries(values)
    .filter(([, value]) => value !== undefined)
    .map(([field, value]) => {
      const name = field.replace(/[A-Z]/g, one => `_${one.toLowerCase()}`);
      return `${name}=${literal(value)}`;
    })
    .join(', ');
}

function pythonCreate(spec: NewCompute): string {
  const { type, ...fields } = spec;
  const kind = type === 'amlcompute' ? 'AmlCompute' : 'ComputeInstance';
  return (
    `${CLIENT}from jupyter_aml.model.compute import ${kind}\n` +
    `aml.connect().compute.create(${kind}(${pythonFields(fields)}))`
  );
}

function literal(value: unknown): string {
  return value === null
    ? 'None'
    : typeof value === 'string'
      ? quote(value)
      : String(value);
}

/** A text as Python and the shell have it. */
export function quote(text: string): string {
  return JSON.stringify(text);
}

/** How to look at a data asset. */
export function dataTwins(key: string): ITwins {
  const [name = '', version = ''] = key.split(':');
  return {
    magic: `%aml data show ${name} --version ${version}`,
    python: `${CLIENT}aml.connect().data.get(${quote(name)}, ${quote(version)})`,
    cli: `jupyter aml data show ${name} --version ${version}`
  };
}

/** "Copy as" entries of a menu. */
export function twinEntries(
  twins: ITwins,
  trans: TranslationBundle
): IMenuEntry[] {
  const copy = (text: string, label: string): IMenuEntry => ({
    command: CommandIDs.copyText,
    args: { text, label }
  });
  return [
    copy(twins.magic, trans.__('Copy as Magic')),
    copy(twins.python, trans.__('Copy as Python')),
    copy(twins.cli, trans.__('Copy as CLI'))
  ];
}
