/** What a person types for the same job: as a magic, in Python, in a terminal, as a file. Pure. */
import { isAmlCell } from './magic';
import { pipelineCode, sweepYaml } from './partscode';
import type { Job } from './wire';

export type Twin = 'magic' | 'python' | 'cli' | 'yaml';

/** The twins that a kind of job has, in the order of their buttons. */
export function twinsOf(job: Job): Twin[] {
  switch (job.spec.type) {
    case 'cell':
      return ['magic', 'python', 'cli'];
    case 'pipeline':
    case 'reused':
      return ['python', 'cli']; // the second writes its file
    default:
      return ['python', 'cli', 'yaml'];
  }
}

export function twin(job: Job, kind: Twin): string {
  switch (kind) {
    case 'magic':
      return asMagic(job);
    case 'python':
      return asPython(job);
    case 'cli':
      return asCommand(job);
    case 'yaml':
      return asYaml(job);
  }
}

/** The code that ran, as the cell has it. */
export function codeOf(job: Job): string {
  const { spec } = job;
  switch (spec.type) {
    case 'cell':
      return spec.source;
    case 'command':
    case 'sweep':
      return spec.command;
    case 'pipeline':
      return pipelineCode(spec);
    default:
      return 'notebook' in spec ? (spec.notebook ?? '') : '';
  }
}

function asMagic(job: Job): string {
  const source = codeOf(job);
  return isAmlCell(source) ? source : `%%aml ${options(job)}\n${source}`;
}

function options(job: Job): string {
  const { spec } = job;
  const parts = [`--compute ${spec.compute ?? 'local'}`];
  if (spec.environment && spec.environment !== 'kernel') {
    parts.push(`--environment ${spec.environment}`);
  }
  if ((spec.instanceCount ?? 1) > 1) {
    parts.push(`--nodes ${spec.instanceCount}`);
  }
  if (spec.timeout) {
    parts.push(`--timeout ${spec.timeout}`);
  }
  if (spec.retries) {
    parts.push(`--retries ${spec.retries}`);
  }
  return parts.join(' ');
}

function asPython(job: Job): string {
  const name = JSON.stringify(job.name);
  const lines = ['import jupyter_aml as aml', `job = aml.JobHandle(${name})`];
  return job.spec.type === 'cell'
    ? [...lines, 'job.stream()', 'job.fetch()'].join('\n')
    : [...lines, 'job.stream()'].join('\n');
}

function asCommand(job: Job): string {
  return job.spec.type === 'cell'
    ? `jupyter aml job stream ${job.name}`
    : `jupyter aml job show ${job.name} -o yaml > job.yml\njupyter aml job create -f job.yml --name NEW_NAME --stream`;
}

/** A job file of Azure ML; JSON's own notation of texts is YAML's too. */
function asYaml(job: Job): string {
  const { spec } = job;
  if (spec.type === 'sweep') {
    return sweepYaml(spec);
  }
  const lines = [`type: ${spec.type}`];
  const put = (key: string, value: unknown) => {
    if (value !== undefined && value !== null && value !== '') {
      lines.push(`${key}: ${JSON.stringify(value)}`);
    }
  };
  put('display_name', spec.displayName);
  put('command', spec.type === 'command' ? spec.command : null);
  put('notebook', spec.type === 'notebook' ? spec.notebook : null);
  put('compute', spec.compute);
  put('environment', spec.environment);
  put('experiment_name', spec.experimentName);
  if ((spec.instanceCount ?? 1) > 1) {
    lines.push('resources:', `  instance_count: ${spec.instanceCount}`);
  }
  if (spec.timeout) {
    lines.push('limits:', `  timeout: ${spec.timeout}`);
  }
  return `${lines.join('\n')}\n`;
}
