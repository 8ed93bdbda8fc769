import type { Compute } from './wire';

/** The instances that take kernels now, as one text to compare. */
export function runningInstances(computes: readonly Compute[]): string {
  return computes
    .filter(
      ({ spec, state }) =>
        spec.type === 'computeinstance' && state === 'Running'
    )
    .map(({ spec }) => spec.name)
    .sort()
    .join(' ');
}
