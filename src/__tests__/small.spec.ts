import { nullTranslator } from '@jupyterlab/translation';
import { splitHint } from '../components/message';
import { nextRow } from '../components/roving';
import { LogLines } from '../log';
import { fillPath, readError } from '../request';
import { ROUTES } from '../routes';
import {
  filterSizes,
  freeName,
  isComputeName,
  NO_FILTER,
  presetSize
} from '../sizes';
import type { JobEvent, VmSize } from '../wire';
import { ago, bytes, duration, elapsed, money, sizeTag } from '../words';

const trans = nullTranslator.load('');

describe('requests', () => {
  it('use the methods and paths of the API', () => {
    const api = jest.requireActual('../../schema/openapi.json');
    for (const [operation, [method, path]] of Object.entries(ROUTES)) {
      const found = api.paths[`/v1${path}`]?.[method.toLowerCase()];
      expect([operation, found?.operationId]).toEqual([operation, operation]);
    }
  });

  it('put path fields in the path, escaped, and the rest in the query', () => {
    expect(fillPath('/jobs/{name}/events', { name: 'a/b', after: 3 })).toBe(
      '/jobs/a%2Fb/events?after=3'
    );
    expect(fillPath('/jobs', { status: undefined })).toBe('/jobs');
  });

  it("show our errors and never a proxy's page", () => {
    const body = '{"error": {"code": "NotFound", "message": "No job x."}}';
    expect(readError(404, body)).toMatchObject({ code: 'NotFound' });
    expect(readError(404, '<html>').code).toBe('ServerPartMissing');
    expect(readError(502, '<html>no').message).toBe(
      'Jupyter Server answered 502.'
    );
    expect(readError(403, '{"message": "x"}').code).toBe('SignedOut');
  });
});

describe('words', () => {
  it('say times', () => {
    expect([7, 842, 3845].map(elapsed)).toEqual(['0:07', '14:02', '1:04:05']);
    const lasted = [0, 0.0002, 0.04, 0.41, 59.6, 372, 7500];
    expect(lasted.map(s => duration(s, trans))).toEqual([
      '0\u00a0s',
      '1\u00a0ms',
      '40\u00a0ms',
      '0.4\u00a0s',
      '1 min',
      '6 min 12 s',
      '2 h 5 min'
    ]);
    expect(ago(3, trans)).toBe('3 s ago');
    expect(ago(200_000, trans)).toBe('2 days ago');
  });

  it('say money and sizes', () => {
    expect(money(1.05)).toBe('$1.05');
    expect(money(0)).toBe('$0.00');
    expect(money(0.0003)).toBe('<$0.01');
    expect(money(0.2926, 3)).toBe('$0.293');
    expect([999, 1_250_000, 41_200_000].map(bytes)).toEqual([
      '999\u00a0B',
      '1.3\u00a0MB',
      '41\u00a0MB'
    ]);
  });

  it('say a size in a few letters', () => {
    const names = [
      'Standard_NC4as_T4_v3',
      'Standard_NC24ads_A100_v4',
      'Standard_DS3_v2',
      'local.2cpu-4gb'
    ];
    expect(names.map(sizeTag)).toEqual(['T4', 'A100', 'DS3 v2', '2 CPU']);
  });

  it('find the command in a hint', () => {
    expect(splitHint('Start it with `%aml compute start c1`.')).toEqual({
      text: 'Start it with %aml compute start c1.',
      command: '%aml compute start c1'
    });
    expect(splitHint('')).toEqual({ text: '', command: '' });
  });
});

describe('keys in a list', () => {
  const rows = ['alpha', 'beta', 'Bravo'].map(name => ({ id: name, name }));

  it.each([
    ['alpha', 'ArrowDown', 'beta'],
    ['Bravo', 'ArrowDown', 'Bravo'],
    ['alpha', 'ArrowUp', 'alpha'],
    ['alpha', 'End', 'Bravo'],
    ['Bravo', 'Home', 'alpha'],
    ['alpha', 'b', 'beta'],
    ['beta', 'b', 'Bravo'],
    ['Bravo', 'B', 'beta'],
    ['alpha', 'z', null],
    ['alpha', 'Tab', null]
  ])('from %s, %s goes to %s', (at, key, to) => {
    expect(nextRow(rows, at, key)).toBe(to);
  });
});

describe('the log', () => {
  const line = (kind: string, text: string, node = 0) =>
    ({ seq: 1, time: 't', kind, text, node }) as JobEvent;
  const read = (...events: JobEvent[]) => {
    const log = new LogLines();
    events.forEach(event => log.add([event], one => one.text ?? ''));
    return log.lines.map(one => one.text);
  };

  it('makes whole lines of pieces, for each stream and node apart', () => {
    expect(
      read(
        line('stdout', 'one, '),
        line('stderr', 'warning\n'),
        line('stdout', 'other node\n', 1),
        line('stdout', 'still one\ntwo\n')
      )
    ).toEqual(['one, still one', 'warning', 'other node', 'two']);
  });

  it('keeps a progress bar in one line, and colours out', () => {
    expect(
      read(
        line('stderr', ' 10 %|#  |'),
        line('stderr', '\r 50 %|## |'),
        line('stderr', '\r\u001b[32m100 %\u001b[0m|###|\n'),
        line('notice', 'the end')
      )
    ).toEqual(['100 %|###|', 'the end']);
  });
});

describe('sizes', () => {
  const size = (name: string, fields: Partial<VmSize>) =>
    ({
      name,
      family: '',
      vcpus: 2,
      memoryGb: 4,
      gpus: 0,
      gpuModel: '',
      available: true,
      rehearsal: true,
      ...fields
    }) as VmSize;
  const sizes = [
    size('Standard_NC4as_T4_v3', { vcpus: 4, gpus: 1, gpuModel: 'T4' }),
    size('Standard_D16', { vcpus: 16, memoryGb: 64, available: false }),
    size('local.2cpu-4gb', { rehearsal: false })
  ];
  const names = (filter: object) =>
    filterSizes(sizes, { ...NO_FILTER, ...filter }).map(one => one.name);

  it('are found by name, by GPU and by what they have', () => {
    expect(names({ text: 't4' })).toEqual(['Standard_NC4as_T4_v3']);
    expect(names({ text: '16 cores' })).toEqual(['Standard_D16']);
    expect(names({ text: '64 gb' })).toEqual(['Standard_D16']);
    expect(names({ kind: 'cpu', onlyAvailable: true })).toEqual([
      'local.2cpu-4gb'
    ]);
  });

  it("begin with this machine's own", () => {
    expect(presetSize(sizes)?.name).toBe('local.2cpu-4gb');
  });

  it('get names that may be given', () => {
    const taken = new Set(['cpu-cluster', 'cpu-cluster-b']);
    expect(freeName('cpu-cluster', taken)).toBe('cpu-cluster-c');
    expect(['cpu-cluster', 'abc', 'gpu-2b'].every(isComputeName)).toBe(true);
    expect(['ab', 'gpu-2', '2gpu', 'a_b', 'local'].some(isComputeName)).toBe(
      false
    );
  });
});
