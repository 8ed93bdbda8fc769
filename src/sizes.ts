/** Which sizes a search leaves, and what a new compute would cost. Pure. */
import type { VmSize } from './wire';

export interface ISizeFilter {
  /** Words that must all occur; "16 cores" and "64 GB" are read as at least that. */
  text: string;
  kind: 'all' | 'cpu' | 'gpu';
  memoryGb: number;
  onlyAvailable: boolean;
}

export const NO_FILTER: ISizeFilter = {
  text: '',
  kind: 'all',
  memoryGb: 0,
  onlyAvailable: false
};

export function filterSizes(
  sizes: readonly VmSize[],
  filter: ISizeFilter
): VmSize[] {
  let text = filter.text.toLowerCase();
  let cores = 0;
  let memory = filter.memoryGb;
  text = text.replace(/(\d+)\s*(?:cores?|vcpus?)\b/g, (_, count: string) => {
    cores = Number(count);
    return '';
  });
  text = text.replace(/(\d+)\s*gb\b/g, (_, count: string) => {
    memory = Math.max(memory, Number(count));
    return '';
  });
  const words = text.split(/\s+/).filter(Boolean);
  return sizes.filter(size => {
    const name = `${size.name} ${size.gpuModel} ${size.family}`.toLowerCase();
    return (
      (filter.kind === 'all' || (filter.kind === 'gpu') === size.gpus > 0) &&
      size.vcpus >= cores &&
      size.memoryGb >= memory &&
      (size.available || !filter.onlyAvailable) &&
      words.every(word => name.includes(word))
    );
  });
}

/** This machine's own sizes first (they are real and free), then by price. */
export function orderSizes(sizes: readonly VmSize[]): VmSize[] {
  const price = (size: VmSize) => size.pricePerHour ?? 0;
  return [...sizes].sort(
    (a, b) =>
      Number(a.rehearsal) - Number(b.rehearsal) ||
      price(a) - price(b) ||
      a.vcpus - b.vcpus ||
      a.memoryGb - b.memoryGb
  );
}

/** The size to begin with: the smallest of this machine's with two cores, else the first. */
export function presetSize(sizes: readonly VmSize[]): VmSize | undefined {
  const available = sizes.filter(size => size.available);
  return (
    available.find(size => !size.rehearsal && size.vcpus >= 2) ?? available[0]
  );
}

/** The first name of a series that is not taken: cpu-cluster, cpu-cluster-b, … */
export function freeName(base: string, taken: ReadonlySet<string>): string {
  if (!taken.has(base)) {
    return base;
  }
  // Not "-2": a compute name may not end in a number after a dash.
  for (let code = 98; code <= 122; code += 1) {
    const name = `${base}-${String.fromCharCode(code)}`;
    if (!taken.has(name)) {
      return name;
    }
  }
  return `${base}-z${taken.size}`;
}

const NAME = /^[a-zA-Z](?![a-zA-Z0-9-]*-\d+$)[a-zA-Z0-9-]{2,23}$/;

/** Whether the service would take it as the name of a compute. The service decides. */
export function isComputeName(name: string): boolean {
  return NAME.test(name) && name !== 'local';
}
