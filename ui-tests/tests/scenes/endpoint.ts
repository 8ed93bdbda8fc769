/** An endpoint in the middle of a rollout, its models and its data. */
import type { components } from '../../../src/api';
import { AGO, FakeService, size } from '../fake';

type Schemas = components['schemas'];

const MODEL: Partial<Schemas['Model']> = {
  name: 'churn-xgb',
  version: '4',
  type: 'custom_model',
  path: 'azureml://datastores/workspaceblobstore/paths/models/churn-xgb/4',
  localPath: '/models/churn-xgb/4',
  content: 'c4',
  bytes: 1_400_000,
  files: 2,
  flavors: { python_object: {} as never },
  requirements: ['scikit-learn==1.5.1'],
  python: '/usr/bin/python3',
  sample: '{"input_data": {"columns": ["tenure", "calls"], "data": [[14, 3]]}}',
  lineage: { job: 'features-daily' },
  createdAt: AGO(7200)
};

function deployment(
  name: string,
  version: string,
  instances: Schemas['Instance'][]
): Schemas['OnlineDeployment'] {
  const model = `azureml:churn-xgb:${version}`;
  return {
    name,
    endpointName: 'churn',
    state: 'Succeeded',
    reason: '',
    spec: {
      name,
      endpointName: 'churn',
      model,
      instanceType: 'Standard_DS3_v2',
      scaleSettings: { minInstances: 1, maxInstances: 3 }
    },
    model,
    scoringCode: '',
    instances,
    wantedInstances: instances.length,
    createdAt: AGO(86_400),
    error: null,
    warnings: [],
    listPricePerHour: 0.293
  };
}

const BLUE = deployment('blue', '3', [
  { name: 'blue-1', state: 'Ready', memoryBytes: 212e6, requests: 2604 },
  { name: 'blue-2', state: 'Starting', reason: 'loads the model' }
]);
const GREEN = deployment('green', '4', [
  { name: 'green-1', state: 'Ready', memoryBytes: 180e6, requests: 260 }
]);

export const ENDPOINT: Schemas['OnlineEndpoint'] = {
  name: 'churn',
  state: 'Succeeded',
  reason: '',
  authMode: 'key',
  scoringUri: 'http://127.0.0.1:5001/score',
  openapiUri: 'http://127.0.0.1:5001/swagger.json',
  traffic: { blue: 90, green: 10 },
  mirrorTraffic: {},
  rollout: {
    deployment: 'green',
    state: 'Running',
    step: 0,
    steps: [10, 50, 100],
    secondsPerStep: 600,
    rule: { maxErrorRate: 0.01, maxP95Seconds: 0.076 },
    startedAt: AGO(400),
    stepStartedAt: AGO(400),
    before: { blue: 100 },
    reason: ''
  },
  deployments: ['blue', 'green'],
  description: '',
  tags: {},
  createdAt: AGO(86_400 * 12),
  error: null
};

function traffic(
  name: string,
  rate: number,
  p95: number,
  since: number
): Schemas['DeploymentTraffic'] {
  const now = Date.now() / 1000;
  return {
    deployment: name,
    samples: Array.from({ length: since }, (_, index) => ({
      time: now - since + index,
      seconds: 1,
      requests: Math.round(rate + 3 * Math.sin(index / 9)),
      errors: 0,
      refused: 0,
      p50: p95 / 2,
      p95: p95 * (1 + 0.1 * Math.sin(index / 5)),
      p99: p95 * 2,
      inFlight: 1,
      instances: 1
    }))
  };
}

export async function serve(fake: FakeService): Promise<void> {
  fake.sizes = [
    size('Standard_DS3_v2', { vcpus: 4, memoryGb: 14, pricePerHour: 0.293 })
  ];
  fake.answers = {
    'POST /online-deployments/rehearse': {
      environment: 'kernel',
      environmentSeconds: 0,
      loadSeconds: 0.4,
      memoryBytes: 180e6,
      memoryLimitBytes: 14e9,
      requestData: [[1, 2]],
      answer: { status: 200, body: [0.93], text: '', seconds: 0.003 },
      serving: 'blue',
      servingAnswer: { status: 200, body: [0.93], text: '', seconds: 0.003 },
      isSame: true,
      warnings: [],
      error: null,
      console: []
    },
    '/models': { value: [MODEL] },
    '/models/churn-xgb': MODEL,
    '/data': {
      value: [
        {
          name: 'calls',
          version: '2',
          type: 'uri_folder',
          path: 'azureml://datastores/workspaceblobstore/paths/calls',
          bytes: 41e6,
          files: 12,
          createdAt: AGO(3600)
        }
      ]
    },
    '/online-endpoints': { value: [ENDPOINT] },
    '/online-endpoints/churn/deployments': { value: [BLUE, GREEN] },
    '/online-endpoints/churn/traffic': {
      value: [traffic('blue', 42, 0.038, 900), traffic('green', 4, 0.033, 400)]
    },
    '/online-endpoints/churn/deployments/blue/logs': {
      instance: 'blue-1',
      text: 'init(): model loaded in 0.41 s'
    },
    'POST /online-endpoints/churn/invoke': {
      status: 200,
      body: [0.8127],
      text: '',
      deployment: 'green',
      requestId: 'r',
      seconds: 0.031
    },
    'PATCH /online-endpoints/churn': ENDPOINT,
    'POST /online-endpoints/churn/cancel-rollout': ENDPOINT
  };
}
