import { nullTranslator } from '@jupyterlab/translation';
import {
  changeOf,
  formOf,
  newForm,
  scaleWords,
  specOf,
  troubleOf
} from '../computeform';
import { quotaOf, recommend } from '../sizes';
import { createTwins, updateTwins, verbTwins } from '../twins';
import type { Usage, VmSize } from '../wire';

const trans = nullTranslator.load('');
const size = (name: string, fields: Partial<VmSize> = {}) =>
  ({
    name,
    family: 'fam',
    vcpus: 4,
    memoryGb: 14,
    pricePerHour: 0.3,
    rehearsal: true,
    available: true,
    ...fields
  }) as VmSize;
const usage = (name: string, currentValue: number, limit: number) =>
  ({ name, currentValue, limit, holders: [] }) as unknown as Usage;

const TOTAL = 'Total Cluster Dedicated Regional vCPUs';
const LOW = 'Total Cluster LowPriority Regional vCPUs';

describe('the quota of a size', () => {
  const all = [
    usage(TOTAL, 90, 100),
    usage(LOW, 0, 100),
    usage('fam Cluster Dedicated vCPUs', 8, 32),
    usage('Cores of this machine', 2, 8)
  ];

  it('is what is least: of its family or of all', () => {
    expect(quotaOf(size('a'), false, all)).toMatchObject({
      left: 10,
      limit: 100
    });
    expect(quotaOf(size('a'), false, all.slice(1))).toMatchObject({
      left: 24,
      limit: 32
    });
  });

  it('is another for low priority and for this machine', () => {
    expect(quotaOf(size('a'), true, all)?.left).toBe(100);
    expect(quotaOf(size('a', { rehearsal: false }), false, all)?.left).toBe(6);
  });

  it('is not known where nobody limits', () => {
    expect(quotaOf(size('a'), false, [])).toBeNull();
  });
});

describe('a recommendation', () => {
  const sizes = [
    size('big', { memoryGb: 56, vcpus: 8, pricePerHour: 0.6 }),
    size('small'),
    size('gone', { memoryGb: 20, pricePerHour: 0.1, available: false })
  ];
  const peak = (memoryBytes: number, cores = 1) => ({ memoryBytes, cores });

  it('is silent with fewer than three runs that were measured', () => {
    expect(recommend(sizes, [peak(1e9), peak(1e9), peak(0)])).toBeNull();
  });

  it('is the cheapest that can be had and has room above the peak', () => {
    const three = [peak(2e9), peak(9e9), peak(3e9)];
    expect(recommend(sizes, three)).toEqual({
      size: 'small',
      memoryBytes: 9e9,
      runs: 3
    });
    expect(recommend(sizes, [...three, peak(12e9)])?.size).toBe('big');
    expect(recommend(sizes, [...three, peak(1e9, 5.2)])?.size).toBe('big');
    expect(recommend(sizes, [...three, peak(90e9)])).toBeNull();
  });
});

describe('the form', () => {
  it('says what is in the way', () => {
    const form = { ...newForm('amlcompute', 'a', new Set()), max: 4 };
    const none = new Set<string>();
    const trouble = (left: number, name = form.name) =>
      troubleOf(
        { ...form, name },
        size('a'),
        { name: 'family', left, limit: 32 },
        none,
        trans
      );
    expect(trouble(16)).toBe('');
    expect(trouble(12)).toBe('Quota: it needs 16 cores, 12 are left.');
    expect(trouble(16, 'x-1')).toContain('3 to 24 letters');
    expect(
      troubleOf(form, size('a'), null, new Set(['cpu-cluster']), trans)
    ).toBe('cpu-cluster exists already.');
    expect(troubleOf(form, undefined, null, none, trans)).toBe(
      'Choose a size.'
    );
  });

  it('says what its nodes take', () => {
    const form = { ...newForm('amlcompute', 'a', new Set()), max: 4 };
    expect(
      scaleWords(
        form,
        size('a'),
        { name: 'family', left: 24, limit: 32 },
        trans
      )
    ).toBe(
      '4 nodes need 16 cores of the 24 left. At 0 nodes it costs nothing.'
    );
    const one = { ...form, max: 1, min: 1 };
    expect(
      scaleWords(one, size('a'), { name: 'family', left: 24, limit: 32 }, trans)
    ).toBe('1 node needs 4 cores of the 24 left.');
  });

  it('is no quota on this machine: what does not fit takes turns', () => {
    const form = { ...newForm('amlcompute', 'a', new Set()), max: 1 };
    const own = size('a', { rehearsal: false, vcpus: 2, pricePerHour: null });
    const words = (left: number) =>
      scaleWords(form, own, { name: 'machine', left, limit: 2 }, trans);
    expect(words(2)).toBe('1 node needs 2 cores; this machine has 2.');
    expect(words(0)).toContain('jobs take turns.');
  });

  it('begins with what is there, and asks for what differs alone', () => {
    const spec = specOf({ ...newForm('amlcompute', 'a', new Set()), max: 4 });
    const before = formOf(spec)!;
    expect(specOf(before)).toEqual(spec);
    expect(changeOf(before, before)).toEqual({});
    expect(changeOf({ ...before, max: 2, idleSeconds: 300 }, before)).toEqual({
      maxInstances: 2,
      idleTimeBeforeScaleDown: 300
    });
    expect(formOf({ type: 'local', name: 'local' } as never)).toBeNull();
  });

  it('says never to a machine that does not stop by itself', () => {
    const form = newForm('computeinstance', 'a', new Set(['dev-box']));
    expect(form.name).toBe('dev-box-b');
    const spec = specOf({ ...form, idleMinutes: 0 });
    expect(spec).toMatchObject({ idleTimeBeforeShutdownMinutes: null });
    expect(formOf(spec)?.idleMinutes).toBe(0);
    expect(changeOf({ ...form, idleMinutes: 0 }, form)).toEqual({
      idleTimeBeforeShutdownMinutes: 0
    });
  });
});

describe('the same as code', () => {
  it('leaves out what is the default', () => {
    const { magic, python, cli } = createTwins({
      type: 'amlcompute',
      name: 'gpu',
      size: 'Standard_NC4as_T4_v3',
      minInstances: 0,
      maxInstances: 4,
      idleTimeBeforeScaleDown: 120,
      tier: 'low_priority'
    });
    const line =
      'compute create gpu --size Standard_NC4as_T4_v3 --max-instances 4 --tier low_priority';
    expect(magic).toBe(`%aml ${line}`);
    expect(cli).toBe(`jupyter aml ${line}`);
    expect(python).toContain('AmlCompute(name="gpu"');
    expect(python).toContain('idle_time_before_scale_down=120');
  });

  it('says None in Python and 0 in a terminal for never', () => {
    const { magic, python } = createTwins({
      type: 'computeinstance',
      name: 'dev',
      size: 's',
      idleTimeBeforeShutdownMinutes: null
    });
    expect(magic).toBe(
      '%aml compute create dev --type computeinstance --size s --idle-time-before-shutdown-minutes 0'
    );
    expect(python).toContain('idle_time_before_shutdown_minutes=None');
  });

  it('knows changes and verbs', () => {
    expect(updateTwins('gpu', { maxInstances: 2 }).cli).toBe(
      'jupyter aml compute update gpu --max-instances 2'
    );
    expect(verbTwins('job', 'cancel', 'j').python).toContain(
      'jobs.cancel("j")'
    );
  });
});
