import {
  computeOf,
  environmentOf,
  nodesOf,
  foreignMagic,
  isAmlCell,
  isDetached,
  usesMagic,
  withMagic
} from '../magic';

describe('withMagic', () => {
  it.each([
    ['x = 1', '%%aml -c gpu\nx = 1'],
    ['\n\nx = 1', '%%aml -c gpu\nx = 1'],
    ['', '%%aml -c gpu\n'],
    ['%%aml\nx = 1', '%%aml -c gpu\nx = 1'],
    ['%%aml -c cpu\nx = 1', '%%aml -c gpu\nx = 1'],
    ['%%aml --compute=cpu -o a,b\nx', '%%aml -c gpu -o a,b\nx'],
    ['%%aml -o a --compute cpu\nx', '%%aml -c gpu -o a\nx'],
    ['%%aml -c gpu -n 2\nx', '%%aml -c gpu -n 2\nx'],
    ['# %%aml\nx', '%%aml -c gpu\n# %%aml\nx']
  ])('%j becomes %j', (before, after) => {
    expect(withMagic(before, 'gpu')).toBe(after);
  });

  it('written twice changes nothing more', () => {
    const once = withMagic('x = 1\n%%aml', 'gpu');
    expect(withMagic(once, 'gpu')).toBe(once);
  });
});

describe('reading the magic', () => {
  it('takes only a whole word on the first line', () => {
    expect(isAmlCell('%%aml')).toBe(true);
    expect(isAmlCell('  %%aml -c x\ny')).toBe(true);
    expect(isAmlCell('%%amlx')).toBe(false);
    expect(isAmlCell('%aml compute list')).toBe(false);
    expect(isAmlCell('x\n%%aml')).toBe(false);
  });

  it('tells cells that need it, with the magic on top or on any line', () => {
    expect(usesMagic('%%aml -c x\ny')).toBe(true);
    expect(usesMagic('import os\n%aml compute list')).toBe(true);
    expect(usesMagic('  %aml')).toBe(true);
    expect(usesMagic('x = "%aml"')).toBe(false);
    expect(usesMagic('%amlx')).toBe(false);
  });

  it('finds the compute in every way of writing it', () => {
    expect(computeOf('%%aml -c a\n')).toBe('a');
    expect(computeOf('%%aml -o x --compute b')).toBe('b');
    expect(computeOf('%%aml --compute=b\nprint("-c d")')).toBe('b');
    expect(computeOf('%%aml\n-c d')).toBeNull();
    expect(computeOf('x -c a')).toBeNull();
  });

  it('reads the environment and the nodes for the pre-flight', () => {
    expect(environmentOf('%%aml -c a -e train:2\n')).toBe('train:2');
    expect(environmentOf('%%aml --environment=train\n')).toBe('train');
    expect(environmentOf('%%aml -c a\nx -e b')).toBeNull();
    expect(nodesOf('%%aml -n 2 -c a')).toBe(2);
    expect(nodesOf('%%aml --nodes 12\n')).toBe(12);
    expect(nodesOf('%%aml -n two')).toBeNull();
    expect(nodesOf('x = 1')).toBeNull();
  });

  it('knows a detached cell and another magic', () => {
    expect(isDetached('%%aml --detach -c a\nx')).toBe(true);
    expect(isDetached('%%aml -c a\n--detach')).toBe(false);
    expect(foreignMagic('%%bash\nls')).toBe('%%bash');
    expect(foreignMagic('%%aml\nls')).toBeNull();
    expect(foreignMagic('%time x')).toBeNull();
  });
});
