/** Objects of the service as the tests need them, each with what it says filled in. */
import type { components } from '../../src/api';

type Schemas = components['schemas'];

export const NOW = () => new Date().toISOString();
export const AGO = (seconds: number) =>
  new Date(Date.now() - seconds * 1000).toISOString();

export function job(
  name: string,
  fields: Partial<Schemas['JobSummary']> = {}
): Schemas['JobSummary'] {
  return {
    name,
    type: 'cell',
    displayName: name,
    status: 'Running',
    statusReason: '',
    error: null,
    compute: 'gpu-cluster',
    createdAt: AGO(842),
    startedAt: AGO(842),
    endedAt: null,
    exitCode: null,
    attempt: 1,
    experimentName: 'Default',
    tags: {},
    instanceCount: 1,
    archived: false,
    progress: null,
    outputs: {},
    session: '',
    notebook: '',
    cellId: '',
    listPrice: null,
    cause: '',
    doing: '',
    ...fields
  };
}

export function compute(
  spec: Schemas['Compute']['spec'],
  fields: Partial<Schemas['Compute']> = {}
): Schemas['Compute'] {
  return {
    spec,
    state: 'Steady',
    reason: '',
    createdAt: AGO(3600),
    stateSince: AGO(60),
    currentNodes: 0,
    targetNodes: 0,
    idleNodes: 0,
    runningJobs: 0,
    queuedJobs: 0,
    pricePerHour: null,
    rehearsal: false,
    error: '',
    ...fields
  };
}

/** `cpu-cluster` of Standard_DS3_v2, at most two nodes, with so many up. */
export function cluster(currentNodes: number): Schemas['Compute'] {
  return compute(
    {
      type: 'amlcompute',
      name: 'cpu-cluster',
      size: 'Standard_DS3_v2',
      tier: 'dedicated',
      minInstances: 0,
      maxInstances: 2
    },
    { currentNodes, pricePerHour: 0.293 * currentNodes, rehearsal: true }
  );
}

export function node(
  computeName: string,
  name: string,
  state: string
): Schemas['Node'] {
  return {
    name,
    compute: computeName,
    state,
    size: '',
    jobs: [],
    sessions: [],
    cpus: [0, 1],
    memoryLimitBytes: 4e9,
    gpus: [],
    pid: 1,
    createdAt: AGO(60),
    stateSince: AGO(60),
    note: 'rehearsal: 2 of 4 cores, 4.0 of 28.0 GB',
    sample: { time: NOW(), cpu: 1.3, memoryBytes: 1.4e9 }
  };
}

export function size(
  name: string,
  fields: Partial<Schemas['VmSize']> = {}
): Schemas['VmSize'] {
  return {
    name,
    family: 'standardDSv2Family',
    vcpus: 4,
    memoryGb: 14,
    gpus: 0,
    gpuModel: '',
    diskGb: 28,
    pricePerHour: 0.293,
    lowPriorityPricePerHour: 0.059,
    priceAsOf: '2026-06-18',
    priceRegion: 'eastus',
    rehearsal: true,
    supportedComputeTypes: ['amlcompute', 'computeinstance'],
    available: true,
    reason: '',
    nearest: '',
    ...fields
  };
}

export function environment(
  name: string,
  fields: Partial<Schemas['Environment']> = {}
): Schemas['Environment'] {
  return {
    name,
    version: '1',
    description: '',
    state: 'Succeeded',
    reason: '',
    source: 'user',
    python: '3.11',
    requirements: [],
    packages: {},
    modules: [],
    content: name,
    bytes: 0,
    buildSeconds: null,
    usualSeconds: null,
    buildStartedAt: null,
    builtAt: null,
    createdAt: AGO(3600),
    error: null,
    warnings: [],
    image: '',
    tags: {},
    archived: false,
    ...fields
  };
}

export function costs(
  fields: Partial<Schemas['CostSummary']> = {}
): Schemas['CostSummary'] {
  return {
    rehearsal: true,
    currency: 'USD',
    ratePerHour: 0,
    spentToday: 0,
    budgetPerDay: null,
    lastsUntil: null,
    resetsAt: '',
    guard: { state: 'off', seenAt: NOW(), message: '' },
    perCompute: [],
    perNotebook: [],
    note: '',
    ...fields
  };
}

/** Events numbered from 1, one second apart. */
export function story(
  ...parts: Partial<Schemas['Event']>[]
): Schemas['Event'][] {
  return parts.map(
    (part, index) =>
      ({
        seq: index + 1,
        time: AGO((parts.length - index - 1) * 5),
        kind: 'stdout',
        ...part
      }) as Schemas['Event']
  );
}

/** The events of a job that read its files and ran out of memory. */
export function outOfMemory(): Schemas['Event'][] {
  return story(
    { kind: 'status', status: 'Queued' },
    { kind: 'status', status: 'Preparing' },
    { kind: 'status', status: 'Running' },
    { text: 'read 24 files\nconcat: 31.2 M rows\n' },
    { kind: 'error', ename: 'MemoryError', traceback: ['MemoryError'] },
    { kind: 'status', status: 'Failed', reason: 'OutOfMemory' }
  );
}
