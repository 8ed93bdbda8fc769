/** Sizes, what is left of them and what they usually take to start. */
import { costs, FakeService, size } from '../fake';

const REAL = {
  family: 'local',
  rehearsal: false,
  pricePerHour: null,
  lowPriorityPricePerHour: null
};
export const T4 = {
  family: 'standardNCASv3_T4Family',
  gpus: 1,
  gpuModel: 'T4, 16 GB'
};

export function sizes(): FakeService {
  const fake = new FakeService();
  fake.sizes = [
    size('Standard_DS3_v2'),
    size('Standard_NC4as_T4_v3', {
      ...T4,
      vcpus: 4,
      memoryGb: 28,
      pricePerHour: 0.526,
      lowPriorityPricePerHour: 0.105
    }),
    size('Standard_NC64as_T4_v3', {
      ...T4,
      gpus: 4,
      vcpus: 64,
      memoryGb: 440,
      pricePerHour: 4.352,
      lowPriorityPricePerHour: 0.87,
      available: false,
      reason: 'Needs 64 cores, 24 left in this family.',
      nearest: 'Standard_NC4as_T4_v3'
    }),
    size('local.1cpu-2gb', { ...REAL, vcpus: 1, memoryGb: 2 }),
    size('local.2cpu-4gb', { ...REAL, vcpus: 2, memoryGb: 4 })
  ];
  fake.usage = [
    { name: 'Cores of this machine', currentValue: 0, limit: 8 },
    {
      name: 'Total Cluster Dedicated Regional vCPUs',
      currentValue: 8,
      limit: 100
    },
    {
      name: 'Total Cluster LowPriority Regional vCPUs',
      currentValue: 0,
      limit: 100
    },
    {
      name: `${T4.family} Cluster Dedicated vCPUs`,
      currentValue: 8,
      limit: 32
    }
  ];
  fake.starts = [
    {
      size: 'Standard_NC4as_T4_v3',
      environment: 'kernel',
      situation: 'cold',
      low: 200,
      high: 290,
      count: 9
    }
  ];
  fake.costs = costs({ budgetPerDay: 20 });
  fake.preferences = { defaultCompute: 'local', budgetAction: 'stop' };
  return fake;
}
