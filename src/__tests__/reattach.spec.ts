import {
  isOutdated,
  isSameNotebook,
  jobOfOutputs,
  mayAttach,
  notebookPaths
} from '../reattach';

describe('which cells are looked up', () => {
  it.each([
    ['%%aml -c a\nx', false, true],
    ['%%aml -c a\nx', true, false], // the kernel writes
    ['%%aml --detach\nx', false, false], // its output is a job object
    ['x = 1', false, false]
  ])('%j, running here %s: %s', (source, isRunningHere, expected) => {
    expect(mayAttach({ source, isRunningHere })).toBe(expected);
  });
});

describe('whether the saved outputs are outdated', () => {
  const saved = '2026-01-01T12:00:00Z';

  it.each([
    ['Running', null, true],
    ['CancelRequested', null, true],
    ['Completed', '2026-01-01T12:00:01Z', true],
    ['Failed', '2026-01-01T13:00:00+00:00', true],
    ['Completed', '2026-01-01T11:59:59Z', false], // saved whole, or cleared by hand
    ['Completed', '2026-01-01T13:59:59+02:00', false]
  ])('%s, ended %s: %s', (status, endedAt, expected) => {
    expect(isOutdated({ status, endedAt }, saved)).toBe(expected);
  });
});

describe('whose notebook it is', () => {
  it('knows a path with and without the root', () => {
    expect(notebookPaths('a/b.ipynb', '/home/me/')).toEqual([
      '/home/me/a/b.ipynb',
      'a/b.ipynb'
    ]);
    expect(notebookPaths('RTC:a.ipynb', '~/notebooks')).toEqual([
      '~/notebooks/a.ipynb',
      'a.ipynb'
    ]);
  });

  it.each([
    ['/srv/nb/a.ipynb', 'nb/a.ipynb', '/srv', true],
    ['nb/a.ipynb', 'nb/a.ipynb', '/srv', true],
    ['/srv/copy/a.ipynb', 'nb/a.ipynb', '/srv', false],
    ['/home/me/notebooks/a.ipynb', 'a.ipynb', '~/notebooks', true],
    ['/home/me/else/a.ipynb', 'a.ipynb', '~/notebooks', false],
    ['', 'a.ipynb', '/srv', false]
  ])('%s is %s below %s: %s', (kept, path, root, expected) => {
    expect(isSameNotebook(kept, path, root)).toBe(expected);
  });

  it("reads the job's name from an output", () => {
    expect(
      jobOfOutputs([
        { output_type: 'stream' },
        { metadata: { jupyter_aml: { job: 'j1' } } }
      ])
    ).toBe('j1');
    expect(jobOfOutputs([{ metadata: { jupyter_aml: 3 } }, {}])).toBeNull();
  });
});
