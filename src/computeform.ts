/** What the form of a compute holds, and what becomes of it. Pure. */
import type { TranslationBundle } from '@jupyterlab/translation';
import { freeName, IQuota, isComputeName } from './sizes';
import type { ComputeSpec, NewCompute, UpdateCompute, VmSize } from './wire';
import { duration } from './words';

export interface IComputeForm {
  name: string;
  type: 'amlcompute' | 'computeinstance';
  isLowPriority: boolean;
  size: string;
  min: number;
  max: number;
  /** Of a cluster's nodes, in seconds. */
  idleSeconds: number;
  /** Of a machine; 0 is never. */
  idleMinutes: number;
}

export function newForm(
  type: IComputeForm['type'],
  size: string,
  taken: ReadonlySet<string>
): IComputeForm {
  const base = type === 'amlcompute' ? 'cpu-cluster' : 'dev-box';
  return {
    name: freeName(base, taken),
    type,
    isLowPriority: false,
    size,
    min: 0,
    max: 2,
    idleSeconds: 120,
    idleMinutes: 60
  };
}

/** The form of something that is there, or that was asked for and refused. */
export function formOf(spec: ComputeSpec | NewCompute): IComputeForm | null {
  if (spec.type === 'local' || spec.type === 'attached') {
    return null;
  }
  const form = newForm(spec.type, spec.size ?? '', new Set());
  return spec.type === 'computeinstance'
    ? {
        ...form,
        name: spec.name,
        idleMinutes:
          spec.idleTimeBeforeShutdownMinutes === undefined
            ? form.idleMinutes
            : (spec.idleTimeBeforeShutdownMinutes ?? 0)
      }
    : {
        ...form,
        name: spec.name,
        min: spec.minInstances ?? 0,
        max: spec.maxInstances ?? 1,
        idleSeconds: spec.idleTimeBeforeScaleDown ?? form.idleSeconds,
        isLowPriority: spec.tier === 'low_priority'
      };
}

export function specOf(form: IComputeForm): NewCompute {
  const { name, size } = form;
  return form.type === 'computeinstance'
    ? {
        type: form.type,
        name,
        size,
        idleTimeBeforeShutdownMinutes: form.idleMinutes || null
      }
    : {
        type: form.type,
        name,
        size,
        minInstances: form.min,
        maxInstances: form.max,
        idleTimeBeforeScaleDown: form.idleSeconds,
        tier: form.isLowPriority ? 'low_priority' : 'dedicated'
      };
}

/** What of it differs from what is there; empty when nothing does. */
export function changeOf(
  form: IComputeForm,
  before: IComputeForm
): UpdateCompute {
  const change: UpdateCompute = {};
  if (form.type === 'computeinstance') {
    if (form.idleMinutes !== before.idleMinutes) {
      change.idleTimeBeforeShutdownMinutes = form.idleMinutes;
    }
    return change;
  }
  if (form.min !== before.min) {
    change.minInstances = form.min;
  }
  if (form.max !== before.max) {
    change.maxInstances = form.max;
  }
  if (form.idleSeconds !== before.idleSeconds) {
    change.idleTimeBeforeScaleDown = form.idleSeconds;
  }
  return change;
}

/** Cores that it would hold at most. */
export function coresOf(form: IComputeForm, size: VmSize): number {
  return (form.type === 'amlcompute' ? form.max : 1) * size.vcpus;
}

/** Why it cannot be created as it stands, or empty. */
export function troubleOf(
  form: IComputeForm,
  size: VmSize | undefined,
  quota: IQuota | null,
  taken: ReadonlySet<string>,
  trans: TranslationBundle
): string {
  if (taken.has(form.name)) {
    return trans.__('%1 exists already.', form.name);
  }
  if (!isComputeName(form.name)) {
    return trans.__(
      'A name has 3 to 24 letters, digits and dashes, first a letter, and does not end in a dash and a number.'
    );
  }
  const cores = size ? coresOf(form, size) : 0;
  if (size?.rehearsal && quota && cores > quota.left) {
    return trans.__(
      'Quota: it needs %1 cores, %2 are left.',
      cores,
      quota.left
    );
  }
  return size?.available ? '' : trans.__('Choose a size.');
}

/** "4 nodes need 16 cores of the 24 left. At 0 nodes it costs nothing." */
export function scaleWords(
  form: IComputeForm,
  size: VmSize | undefined,
  quota: IQuota | null,
  trans: TranslationBundle
): string {
  if (!size || form.type !== 'amlcompute') {
    return '';
  }
  const need = quota ? needWords(form, size, quota, trans) : '';
  const free =
    size.pricePerHour !== null && form.min === 0
      ? trans.__('At 0 nodes it costs nothing.')
      : '';
  return [need, free].filter(Boolean).join(' ');
}

function needWords(
  form: IComputeForm,
  size: VmSize,
  quota: IQuota,
  trans: TranslationBundle
): string {
  const cores = coresOf(form, size);
  if (size.rehearsal) {
    return trans._n(
      '%1 node needs %2 cores of the %3 left.',
      '%1 nodes need %2 cores of the %3 left.',
      form.max,
      cores,
      quota.left
    );
  }
  // This machine's cores are no quota: what does not fit at once takes turns.
  const need = trans._n(
    '%1 node needs %2 cores; this machine has %3.',
    '%1 nodes need %2 cores; this machine has %3.',
    form.max,
    cores,
    quota.limit
  );
  return cores > quota.left
    ? `${need} ${trans.__('Where all are in use, jobs take turns.')}`
    : need;
}

export function idleChoices(
  trans: TranslationBundle
): (readonly [number, string])[] {
  return [30, 120, 300, 900, 3600].map(
    seconds => [seconds, duration(seconds, trans)] as const
  );
}

export function shutdownChoices(
  trans: TranslationBundle
): (readonly [number, string])[] {
  const times = [15, 30, 60, 120, 480].map(
    minutes => [minutes, duration(minutes * 60, trans)] as const
  );
  return [...times, [0, trans.__('never')] as const];
}
