/** Saving to the reader's own machine: a text, or a file that a job left. */
import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';
import { fillPath, NAMESPACE, readError } from './request';
import { API_VERSION } from './routes';

export function saveText(name: string, text: string, type: string): void {
  save(name, new Blob([text], { type }));
}

/** Save a file of a job. Rejects with the service's refusal. */
export async function saveFileOf(job: string, path: string): Promise<void> {
  save(path.replace(/^.*\//, ''), await readFileOf(job, path));
}

/** The bytes of a file that a job left. Rejects with the service's refusal. */
export async function readFileOf(job: string, path: string): Promise<Blob> {
  const settings = ServerConnection.makeSettings();
  const query = fillPath('/jobs/{name}/file', { name: job, path });
  const url = `${URLExt.join(settings.baseUrl, NAMESPACE)}/api${API_VERSION}${query}`;
  const init = { method: 'GET', cache: 'no-cache' } as const;
  const response = await ServerConnection.makeRequest(url, init, settings);
  if (!response.ok) {
    throw readError(response.status, await response.text());
  }
  return response.blob();
}

function save(name: string, blob: Blob): void {
  const url = URL.createObjectURL(blob);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
