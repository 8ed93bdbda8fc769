/** Sweeps and pipelines as code. Pure. */
import { snakeCase } from './snakecase';
import type { SweepSpec } from './sweep';
import type { Job } from './wire';

type PipelineSpec = Extract<Job['spec'], { type: 'pipeline' }>;
type Step = NonNullable<PipelineSpec['jobs']>[string];

/** A sweep file of Azure ML; JSON's own notation of values is YAML's too. */
export function sweepYaml(spec: SweepSpec): string {
  const {
    command,
    code,
    environment,
    environmentVariables,
    limits,
    timeout,
    searchSpace
  } = spec;
  const space = Object.entries(searchSpace).map(([name, dimension]) => [
    name,
    snakeCase(dimension)
  ]);
  const fields: [string, unknown][] = [
    ['type', 'sweep'],
    ['display_name', spec.displayName],
    ['experiment_name', spec.experimentName],
    ['compute', spec.compute],
    [
      'trial',
      {
        command,
        code,
        environment,
        environment_variables: environmentVariables
      }
    ],
    ['inputs', inputsOf(spec)],
    ['search_space', Object.fromEntries(space)],
    ['sampling_algorithm', snakeCase(spec.sampling)],
    ['objective', snakeCase(spec.objective)],
    ['limits', snakeCase({ ...limits, timeout })],
    ['early_termination', snakeCase(spec.earlyTermination)]
  ];
  return fields
    .filter(
      ([, value]) => value !== undefined && value !== null && value !== ''
    )
    .filter(([, value]) => JSON.stringify(value) !== '{}')
    .map(([key, value]) => `${key}: ${JSON.stringify(value)}\n`)
    .join('');
}

/** Data by what it was named by, not by where it lies here. */
function inputsOf({ inputs = {} }: SweepSpec): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => {
      if (typeof value !== 'object') {
        return [name, value];
      }
      const { type, mode, path, reference } = value;
      return [name, snakeCase({ type, mode, path: reference || path })];
    })
  );
}

/** What the steps of a pipeline run, one after the other, each below its name. */
export function pipelineCode(spec: Pick<PipelineSpec, 'jobs'>): string {
  return Object.entries(spec.jobs ?? {})
    .map(([name, step]) => `# ${name}\n${stepCode(step)}`)
    .join('\n\n');
}

function stepCode(step: Step): string {
  if (step.type === 'if_else') {
    return `if ${String(step.condition)}`;
  }
  const component = step.type === 'sweep' ? step.trial : step.component;
  if (typeof component === 'string') {
    return component;
  }
  switch (component.type) {
    case 'command':
      return component.command;
    case 'parallel':
      return component.entryScript;
    default:
      return pipelineCode(component);
  }
}
