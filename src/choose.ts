/** Choose one of a few by name, for commands from the palette. */
import { InputDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { jobState } from './status';
import { assetKey, environmentKey } from './store';
import type {
  Compute,
  Environment,
  JobSummary,
  OnlineEndpoint,
  Schedule,
  Session
} from './wire';

export async function chooseJob(
  jobs: readonly JobSummary[],
  title: string,
  trans: TranslationBundle
): Promise<string | null> {
  const labels = jobs.map(job => {
    const { word } = jobState(job, trans);
    return `${job.displayName || job.name} · ${word} · ${job.name}`;
  });
  const index = await choose(labels, title, trans);
  return jobs[index]?.name ?? null;
}

export async function chooseCompute(
  computes: readonly Compute[],
  title: string,
  trans: TranslationBundle
): Promise<string | null> {
  const names = computes.map(compute => compute.spec.name);
  return names[await choose(names, title, trans)] ?? null;
}

export async function chooseSession(
  sessions: readonly Session[],
  title: string,
  trans: TranslationBundle
): Promise<string | null> {
  const names = sessions.map(session => session.name);
  return names[await choose(names, title, trans)] ?? null;
}

export async function chooseEndpoint(
  endpoints: readonly OnlineEndpoint[],
  title: string,
  trans: TranslationBundle
): Promise<string | null> {
  const names = endpoints.map(endpoint => endpoint.name);
  return names[await choose(names, title, trans)] ?? null;
}

export async function chooseEnvironment(
  environments: readonly Environment[],
  title: string,
  trans: TranslationBundle
): Promise<string | null> {
  const names = environments.filter(one => !one.archived).map(environmentKey);
  return names[await choose(names, title, trans)] ?? null;
}

/** Something registered, by name and version. */
export async function chooseAsset(
  assets: readonly { name: string; version: string }[],
  title: string,
  trans: TranslationBundle
): Promise<string | null> {
  const keys = assets.map(assetKey);
  return keys[await choose(keys, title, trans)] ?? null;
}

export async function chooseSchedule(
  schedules: readonly Schedule[],
  title: string,
  trans: TranslationBundle
): Promise<string | null> {
  const names = schedules.map(schedule => schedule.name);
  return names[await choose(names, title, trans)] ?? null;
}

async function choose(
  labels: string[],
  title: string,
  trans: TranslationBundle
): Promise<number> {
  if (!labels.length) {
    return -1;
  }
  const answer = await InputDialog.getItem({
    title,
    items: labels,
    okLabel: trans.__('Choose')
  });
  return answer.button.accept ? labels.indexOf(answer.value ?? '') : -1;
}
