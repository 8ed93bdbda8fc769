/** Which sizes a search leaves, what is left of them, and which fits past runs. Pure. */
import type { Usage, VmSize } from './wire';

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

/** What a fix asks for: "gpu", "memory=32", or words to search for. */
export function filterOf(search: string): ISizeFilter {
  const [, memory] = /^memory=(\d+)$/.exec(search) ?? [];
  return {
    ...NO_FILTER,
    kind: search === 'gpu' ? 'gpu' : 'all',
    text: memory ? `${memory} GB` : search === 'gpu' ? '' : search
  };
}

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

const TOTAL = 'Total Cluster Dedicated Regional vCPUs';
const TOTAL_LOW = 'Total Cluster LowPriority Regional vCPUs';
const MACHINE = 'Cores of this machine';

export interface IQuota {
  /** Azure's name of the row. */
  name: string;
  left: number;
  limit: number;
}

/** Cores that may still be taken of a size's family, or of all; null where nothing limits. */
export function quotaOf(
  size: VmSize,
  isLowPriority: boolean,
  usage: readonly Usage[]
): IQuota | null {
  const rows = !size.rehearsal
    ? [MACHINE]
    : isLowPriority
      ? [TOTAL_LOW]
      : [`${size.family} Cluster Dedicated vCPUs`, TOTAL];
  let least: IQuota | null = null;
  for (const { name, currentValue, limit } of usage) {
    const left = Math.max(0, limit - currentValue);
    if (rows.includes(name) && (least === null || left < least.left)) {
      least = { name, left, limit };
    }
  }
  return least;
}

/** What one finished run used at most. */
export interface IPeak {
  memoryBytes: number;
  cores: number;
}

export interface IRecommendation {
  size: string;
  memoryBytes: number;
  runs: number;
}

/** With fewer runs of the notebook nothing is said. */
const LEAST_RUNS = 3;
/** Memory above the peak that a run should find: the next may need a little more. */
const ROOM = 1.25;

/** The cheapest size that fits past runs of this notebook; null when that cannot be known. */
export function recommend(
  sizes: readonly VmSize[],
  peaks: readonly IPeak[]
): IRecommendation | null {
  const measured = peaks.filter(peak => peak.memoryBytes > 0);
  if (measured.length < LEAST_RUNS) {
    return null;
  }
  const memoryBytes = Math.max(...measured.map(peak => peak.memoryBytes));
  const cores = Math.ceil(Math.max(1, ...measured.map(peak => peak.cores)));
  const fitting = orderSizes(sizes).find(
    size =>
      size.available &&
      size.memoryGb * 1e9 >= memoryBytes * ROOM &&
      size.vcpus >= cores
  );
  return fitting
    ? { size: fitting.name, memoryBytes, runs: measured.length }
    : null;
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
