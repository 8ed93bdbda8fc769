import { Looking } from '../looking';

jest.useFakeTimers();

/** Cells that were looked at, in order; those in `lost` could not be told. */
function make() {
  const looked: string[] = [];
  const lost = new Set<string>();
  const looking = new Looking(async id => {
    looked.push(id);
    if (lost.has(id)) {
      throw new Error('lost');
    }
  });
  return { looking, looked, lost };
}

async function pass(ms: number): Promise<void> {
  await jest.advanceTimersByTimeAsync(ms);
}

describe('Looking', () => {
  beforeEach(() => {
    jest.spyOn(console, 'debug').mockImplementation();
  });

  it('looks again, less and less often, at what could not be told', async () => {
    const { looking, looked, lost } = make();
    lost.add('b');
    looking.add(['a', 'b', 'c']);
    await pass(0);
    expect(looked).toEqual(['a', 'b', 'c']);
    await pass(1000);
    expect(looked.slice(3)).toEqual(['b']);
    await pass(1999);
    expect(looked.slice(4)).toEqual([]);
    lost.clear();
    await pass(1);
    expect(looked.slice(4)).toEqual(['b']);
    await pass(60_000);
    expect(looked.slice(5)).toEqual([]);
  });

  it('does not wait when there is reason to hope', async () => {
    const { looking, looked, lost } = make();
    lost.add('a');
    looking.add(['a']);
    await pass(0);
    lost.clear();
    looking.now();
    looking.now();
    await pass(60_000);
    expect(looked).toEqual(['a', 'a']);
  });

  it('looks at one after the other, also when more come', async () => {
    let under = 0;
    const seen: number[] = [];
    const looking = new Looking(async () => {
      seen.push((under += 1));
      await new Promise(resolve => setTimeout(resolve, 10));
      under -= 1;
    });
    looking.add(['a', 'b']);
    looking.add(['b', 'c']);
    await pass(100);
    expect(seen).toEqual([1, 1, 1]);
  });

  it('stops when its notebook is closed', async () => {
    const { looking, looked, lost } = make();
    lost.add('a');
    looking.add(['a', 'b']);
    looking.dispose();
    await pass(60_000);
    expect(looked).toEqual(['a']);
    expect(looking.isDisposed).toBe(true);
  });
});
