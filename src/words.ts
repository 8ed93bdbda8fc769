/** Numbers, times and names as people read them. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { VmSize } from './wire';

const NBSP = '\u00a0';

function locale(): string | undefined {
  return document.documentElement.lang || undefined;
}

function number(value: number, digits: number): string {
  return value.toLocaleString(locale(), {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits
  });
}

/** $1.05; three decimals in the size table. What is not nothing never looks like nothing. */
export function money(value: number, digits = 2): string {
  const least = 10 ** -digits;
  return value > 0 && value < least / 2
    ? `<${dollars(least, digits)}`
    : dollars(value, digits);
}

function dollars(value: number, digits: number): string {
  return value.toLocaleString(locale(), {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits
  });
}

/** $1.05/h, for rows. */
export function rate(perHour: number, trans: TranslationBundle): string {
  return trans.__('%1/h', money(perHour));
}

/** 0:07, 14:02, 1:04:05: time that runs. */
export function elapsed(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor((whole % 3600) / 60);
  return hours
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

/** 40 ms, 0.4 s, 12 s, 6 min 12 s, 2 h 5 min: time that is over, in sentences. */
export function duration(seconds: number, trans: TranslationBundle): string {
  if (0 < seconds && seconds < 0.1) {
    return milliseconds(seconds, trans);
  }
  if (seconds < 10) {
    const tenths = number(seconds, seconds === 0 ? 0 : 1);
    return trans.__('%1 s', tenths).replace(' ', NBSP);
  }
  const whole = Math.round(seconds);
  if (whole < 60) {
    return trans.__('%1 s', whole).replace(' ', NBSP);
  }
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) {
    return whole % 60
      ? trans.__('%1 min %2 s', minutes, whole % 60)
      : trans.__('%1 min', minutes);
  }
  return minutes % 60
    ? trans.__('%1 h %2 min', Math.floor(minutes / 60), minutes % 60)
    : trans.__('%1 h', Math.floor(minutes / 60));
}

/** 40 ms, 1.2 s: an answer, whose milliseconds matter. */
export function shortly(seconds: number, trans: TranslationBundle): string {
  return seconds < 1 ? milliseconds(seconds, trans) : duration(seconds, trans);
}

function milliseconds(seconds: number, trans: TranslationBundle): string {
  const whole = Math.max(1, Math.round(seconds * 1000));
  return trans.__('%1 ms', whole).replace(' ', NBSP);
}

/** 40 s, 24 min, 3 h: a forecast, which must not look exact. */
export function roughly(seconds: number, trans: TranslationBundle): string {
  if (seconds < 55) {
    return trans.__('%1 s', Math.max(5, Math.round(seconds / 5) * 5));
  }
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 90) {
    return trans.__('%1 min', minutes);
  }
  return trans.__('%1 h', number(minutes / 60, minutes < 600 ? 1 : 0));
}

/** 3 s ago, 2 min ago, 5 h ago, 3 days ago. */
export function ago(seconds: number, trans: TranslationBundle): string {
  if (seconds < 60) {
    return trans.__('%1 s ago', Math.max(0, Math.round(seconds)));
  }
  if (seconds < 3600) {
    return trans.__('%1 min ago', Math.round(seconds / 60));
  }
  if (seconds < 86_400) {
    return trans.__('%1 h ago', Math.round(seconds / 3600));
  }
  const days = Math.round(seconds / 86_400);
  return trans._n('%1 day ago', '%1 days ago', days);
}

/** 41 MB, 1.3 GB; decimal, as Azure lists sizes. */
export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let unit = 0;
  let rest = value;
  while (rest >= 1000 && unit < units.length - 1) {
    rest /= 1000;
    unit += 1;
  }
  const digits = unit > 0 && rest < 10 ? 1 : 0;
  return `${number(rest, digits)}${NBSP}${units[unit]}`;
}

/** 12:31:44 of an RFC 3339 time, in the reader's zone. */
export function clock(time: string | number): string {
  return new Date(time).toLocaleTimeString(locale(), { hour12: false });
}

/** 17:34 of an RFC 3339 time, in the reader's zone. */
export function shortClock(time: string | number): string {
  return new Date(time).toLocaleTimeString(locale(), {
    hour: '2-digit',
    minute: '2-digit',
    hour12: false
  });
}

/** Mon 23 Nov, 17:34 of an RFC 3339 time, in a zone; in the reader's if none is told. */
export function moment(time: string | number, timeZone?: string): string {
  const style = {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false
  } as const;
  try {
    return new Date(time).toLocaleString(locale(), { ...style, timeZone });
  } catch {
    // The service knows zones by names of Windows too, which browsers do not.
    return new Date(time).toLocaleString(locale(), style);
  }
}

/** Monday, from Sunday as 0. */
export function weekDay(index: number, style: 'long' | 'short'): string {
  const sunday = Date.UTC(2026, 0, 4);
  return new Date(sunday + index * 86_400_000).toLocaleDateString(locale(), {
    weekday: style,
    timeZone: 'UTC'
  });
}

/** Seconds between two RFC 3339 times (the second may be now, in ms). */
export function secondsBetween(start: string, end: string | number): number {
  return (new Date(end).getTime() - new Date(start).getTime()) / 1000;
}

/** A size's name as lists show it: Azure's prefix says nothing. */
export function sizeName(name: string): string {
  return name.replace(/^Standard_/, '');
}

/** A size in a few letters, beside a name: its GPU, else its series, else its CPUs. */
export function sizeTag(name: string): string {
  const gpu = /_\w+_([A-Z]{1,2}\d{1,3})_v\d/.exec(name)?.[1];
  const cpus = /^local\.(\d+)cpu/.exec(name)?.[1];
  return gpu ?? (cpus ? `${cpus} CPU` : sizeName(name).replace(/_/g, ' '));
}

/** 1 × T4; empty without a GPU. */
export function gpuWords(size: VmSize): string {
  if (!size.gpus) {
    return '';
  }
  const count = size.gpus < 1 ? `1/${Math.round(1 / size.gpus)}` : size.gpus;
  return `${count} × ${size.gpuModel || 'GPU'}`;
}
