/** What can be asked of an endpoint. Each shows on its row until the service has answered. */
import type { IAmlManager } from './tokens';
import type { NewDeployment, OnlineEndpoint, RolloutRule } from './wire';

export function setTraffic(
  manager: IAmlManager,
  name: string,
  traffic: Record<string, number>
): Promise<void> {
  return manager.ask(`endpoint/${name}`, 'update', async () => {
    await manager.call('online_endpoints.update', { name, body: { traffic } });
  });
}

/** Percent of the requests that a safe rollout begins with copies of. */
export const MIRROR = 10;

/**
 * Move traffic to a deployment in steps, the first of them with copies of what others answer; it
 * goes back by itself when the rule is broken.
 */
export function startRollout(
  manager: IAmlManager,
  name: string,
  deployment: string,
  rule: RolloutRule
): Promise<void> {
  return manager.ask(`endpoint/${name}`, 'update', async () => {
    const endpoint = manager.endpoints.find(one => one.name === name);
    const mirror = endpoint && shares(endpoint).length ? MIRROR : 0;
    const body = { deployment, rule, mirror };
    await manager.call('online_endpoints.rollout', { name, body });
  });
}

/** Give all traffic back to what had it before. */
export function cancelRollout(
  manager: IAmlManager,
  name: string
): Promise<void> {
  return manager.ask(`endpoint/${name}`, 'update', async () => {
    await manager.call('online_endpoints.cancel_rollout', { name });
  });
}

export function deleteEndpoint(
  manager: IAmlManager,
  name: string
): Promise<void> {
  return manager.ask(`endpoint/${name}`, 'delete', async () => {
    await manager.call('online_endpoints.delete', { name });
  });
}

export function deleteBatchEndpoint(
  manager: IAmlManager,
  name: string
): Promise<void> {
  return manager.ask(`batch/${name}`, 'delete', async () => {
    await manager.call('batch_endpoints.delete', { name });
  });
}

export function deleteDeployment(
  manager: IAmlManager,
  endpoint: string,
  name: string
): Promise<void> {
  return manager.ask(`deployment/${endpoint}/${name}`, 'delete', async () => {
    await manager.call('online_deployments.delete', { endpoint, name });
  });
}

/** Make the endpoint where it is not there yet, then the deployment behind it. */
export function deploy(
  manager: IAmlManager,
  deployment: NewDeployment
): Promise<void> {
  const name = deployment.endpointName;
  return manager.ask(`endpoint/${name}`, 'start', async () => {
    if (!manager.endpoints.some(one => one.name === name)) {
      await manager.call('online_endpoints.create', { body: { name } });
    }
    await manager.call('online_deployments.create', {
      endpoint: name,
      body: deployment
    });
  });
}

/** Deployments with traffic, most first: "blue 90, green 10 %". */
export function shares(
  endpoint: Pick<OnlineEndpoint, 'traffic'>
): [string, number][] {
  return Object.entries(endpoint.traffic)
    .filter(([, percent]) => percent > 0)
    .sort(([, one], [, other]) => other - one);
}
