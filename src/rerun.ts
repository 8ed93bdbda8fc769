/** A job's spec to be sent once more, with what a fix changes. Pure. */
import { readOptions } from './magic';
import type { Job } from './wire';

export type Spec = Job['spec'];

const UNITS: Record<string, number> = { s: 1, m: 60, h: 3600, d: 86_400 };

/** The spec with options of the `%%aml` line in their long form. Null if one says nothing here. */
export function specWith(spec: Spec, options: string): Spec | null {
  let changed: Spec = { ...spec };
  for (const [name, value] of readOptions(options)) {
    const fields = fieldsOf(name, value);
    if (!fields) {
      return null;
    }
    changed = { ...changed, ...fields } as Spec;
  }
  return changed;
}

function fieldsOf(name: string, value: string): Partial<Spec> | null {
  switch (name) {
    case '--compute':
      return { compute: value };
    case '--environment':
      return { environment: value };
    case '--nodes':
      return { instanceCount: Number(value) };
    case '--retries':
      return { retries: Number(value) };
    case '--timeout':
      return { timeout: secondsOf(value) };
    default:
      return null;
  }
}

/** Seconds of "90", "10m", "1h30m". */
export function secondsOf(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) {
    return Number(text);
  }
  const parts = Array.from(text.matchAll(/(\d+(?:\.\d+)?)([smhd])/g));
  return parts.reduce(
    (sum, [, count, unit]) => sum + Number(count) * (UNITS[unit ?? 's'] ?? 1),
    0
  );
}
