/** What is done with models and endpoints as code; see `twins`. Pure. */
import { MIRROR } from './endpointactions';
import { CLIENT, ITwins, quote } from './twins';
import type { NewDeployment, OnlineEndpoint } from './wire';

/** How to ask an endpoint something. */
export function endpointTwins(name: string): ITwins {
  return {
    magic: `%aml online-endpoint invoke ${name} --request-data X_test[:5]`,
    python: `${CLIENT}aml.connect().online_endpoints.invoke(${quote(name)}, X_test[:5])`,
    cli: `jupyter aml online-endpoint invoke ${name} --request-file request.json`
  };
}

/** How to score files with a batch endpoint. */
export function batchTwins(name: string): ITwins {
  return {
    magic: `%aml batch-endpoint invoke ${name} --input PATH --stream`,
    python:
      `${CLIENT}from jupyter_aml.model.batch import InvokeBatch\n` +
      `aml.connect().batch_endpoints.invoke(${quote(name)}, InvokeBatch(input="PATH"))`,
    cli: `jupyter aml batch-endpoint invoke ${name} --input PATH --stream`
  };
}

/** How to deploy a model. */
export function modelTwins(key: string): ITwins {
  return {
    magic: `%aml deploy ${key} --endpoint NAME`,
    python: `${CLIENT}aml.deploy(${quote(key)}, endpoint="NAME")`,
    cli: `jupyter aml deploy ${key} --endpoint NAME`
  };
}

/** How to deploy the same, and to begin with its requests the same way. */
export function deployTwins(
  deployment: NewDeployment,
  start: 'rollout' | 'none' | 'all'
): ITwins {
  const { endpointName, name, scaleSettings, instanceType } = deployment;
  const { environment, code, scoringScript } = deployment;
  const script =
    scoringScript && `${code === '/' ? '' : code}/${scoringScript}`;
  const model = deployment.model.replace(/^azureml:/, '');
  const least = scaleSettings?.minInstances ?? 1;
  const most = scaleSettings?.maxInstances ?? 1;
  const options = [
    `--endpoint ${endpointName}`,
    `--deployment ${name}`,
    `--min ${least}`,
    `--max ${most}`,
    ...(instanceType ? [`--instance-type ${instanceType}`] : []),
    ...(environment ? [`--environment ${environment}`] : []),
    ...(script
      ? [`--script ${/\s/.test(script) ? quote(script) : script}`]
      : []),
    ...(start === 'all' ? ['--traffic 100'] : [])
  ].join(' ');
  const given = [
    `endpoint=${quote(endpointName)}`,
    `deployment=${quote(name)}`,
    `min=${least}`,
    `max=${most}`,
    ...(instanceType ? [`instance_type=${quote(instanceType)}`] : []),
    ...(environment ? [`environment=${quote(environment)}`] : []),
    ...(script ? [`script=${quote(script)}`] : []),
    ...(start === 'all' ? ['traffic=100'] : [])
  ].join(', ');
  const rollout = `online-endpoint rollout ${endpointName} --to ${name} --mirror ${MIRROR}`;
  const lines = (prefix: string) =>
    [
      `${prefix} deploy ${model} ${options}`,
      ...(start === 'rollout' ? [`${prefix} ${rollout}`] : [])
    ].join('\n');
  const python = `${CLIENT}endpoint = aml.deploy(${quote(model)}, ${given})`;
  return {
    magic: lines('%aml'),
    python:
      start === 'rollout'
        ? `${python}\nendpoint.rollout(${quote(name)}, mirror=${MIRROR})`
        : python,
    cli: lines('jupyter aml')
  };
}

export interface IInvokeTwins {
  magic: string;
  curl: string;
  python: string;
}

/** One request as code. The key is read from the environment, never written down. */
export function invokeTwins(
  endpoint: Pick<OnlineEndpoint, 'name' | 'scoringUri' | 'authMode'>,
  request: string
): IInvokeTwins {
  const { name, scoringUri, authMode } = endpoint;
  const [credential, field] =
    authMode === 'key'
      ? [`keys ${name}`, '.primary_key']
      : [`get-credentials ${name}`, '.access_token'];
  const line = oneLine(request);
  const quoted = `'${line.replace(/'/g, "'\\''")}'`;
  return {
    magic: `%aml online-endpoint invoke ${name} --request-data ${quoted}`,
    curl: [
      `KEY=$(jupyter aml online-endpoint ${credential} -o json | jq -r ${field})`,
      `curl -X POST "${scoringUri}" \\`,
      '  -H "Authorization: Bearer $KEY" \\',
      '  -H "Content-Type: application/json" \\',
      `  -d ${quoted}`
    ].join('\n'),
    python: [
      'import os, requests',
      `answer = requests.post(${quote(scoringUri)},`,
      `    data=${quote(line)},`,
      '    headers={"Authorization": f"Bearer {os.environ[\'KEY\']}",',
      '             "Content-Type": "application/json"})',
      'answer.json()'
    ].join('\n')
  };
}

function oneLine(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    return text.replace(/\s+/g, ' ');
  }
}
