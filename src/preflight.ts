/** What the service and the kernel know of a cell before it runs, put together. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { KernelPreflight, Preflight, Problem } from './wire';
import * as words from './words';

/** The kernel's half: known, or why it is not. */
export type KernelPart =
  | { kind: 'known'; value: KernelPreflight }
  | { kind: 'busy' }
  | { kind: 'none' };

export interface IChecked {
  service: Preflight;
  kernel: KernelPart;
}

/** Problems of both halves, errors first, none twice. */
export function problemsOf(checked: IChecked): Problem[] {
  const { kernel, service } = checked;
  const own = kernel.kind === 'known' ? kernel.value.problems : [];
  const seen = new Set<string>();
  const all = [...service.problems, ...own].filter(problem => {
    const key = `${problem.code}/${problem.where || problem.cause}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
  const isError = (problem: Problem) => problem.severity !== 'warning';
  return [...all.filter(isError), ...all.filter(problem => !isError(problem))];
}

/** "4 vCPU, 14 GB", "2 nodes". */
export function sizeWords(
  service: Preflight,
  trans: TranslationBundle
): string {
  const parts = [
    trans.__('%1 vCPU', service.vcpus),
    trans.__('%1 GB', Math.round(service.memoryGb))
  ];
  if (service.gpus) {
    parts.push(
      trans.__('%1 × %2', service.gpus, service.gpuModel || trans.__('GPU'))
    );
  }
  if (service.nodes > 1) {
    parts.push(trans._n('%1 node', '%1 nodes', service.nodes));
  }
  return parts.join(', ');
}

/** "Starts in about 2 min", from this person's own starts; nothing while there are too few. */
export function startWords(
  service: Preflight,
  trans: TranslationBundle
): string {
  const { start } = service;
  if (!start) {
    return '';
  }
  if (start.high < 1) {
    return trans.__('Starts at once');
  }
  const middle = (start.low + start.high) / 2;
  return trans.__('Starts in about %1', words.roughly(middle, trans));
}

/** "Ships df 41 MB, params 1 kB, 3 files"; names the few largest. */
export function shipsWords(
  checked: IChecked,
  trans: TranslationBundle
): string {
  const { service, kernel } = checked;
  const names = kernel.kind === 'known' ? kernel.value.names : [];
  const largest = [...names].sort((one, other) => other.bytes - one.bytes);
  const shown = largest
    .slice(0, 3)
    .map(name => `${name.name} ${words.bytes(name.bytes)}`);
  if (largest.length > 3) {
    const rest = largest.length - 3;
    shown.push(trans._n('%1 more', '%1 more', rest));
  }
  if (service.ships?.files) {
    const { files, bytes = 0 } = service.ships;
    shown.push(
      trans._n('%1 file, %2', '%1 files, %2', files, words.bytes(bytes))
    );
  }
  if (kernel.kind === 'busy') {
    return shown.length
      ? trans.__(
          'Ships %1; variables not known while the kernel is busy',
          shown.join(', ')
        )
      : trans.__('Variables not known while the kernel is busy');
  }
  return shown.length
    ? trans.__('Ships %1', shown.join(', '))
    : kernel.kind === 'known'
      ? trans.__('Ships nothing')
      : '';
}
