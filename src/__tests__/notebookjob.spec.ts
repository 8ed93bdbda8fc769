import { PageConfig } from '@jupyterlab/coreutils';
import type * as nbformat from '@jupyterlab/nbformat';
import { nullTranslator } from '@jupyterlab/translation';
import { copyPath } from '../executed';
import { specOf } from '../notebookjob';
import { parametersOf, valueOf, withoutOutputs } from '../notebookparameters';
import { problemsOf, shipsWords, startWords } from '../preflight';
import type { IChecked } from '../preflight';
import type { Job, KernelPreflight, Preflight, Problem } from '../wire';

const trans = nullTranslator.load('jupyter_aml');

function code(source: string, tags: string[] = []): nbformat.ICodeCell {
  return {
    cell_type: 'code',
    source,
    metadata: { tags },
    outputs: [{ output_type: 'stream', name: 'stdout', text: 'x' }],
    execution_count: 3
  } as nbformat.ICodeCell;
}

const notebook = {
  cells: [
    { cell_type: 'markdown', source: '# a', metadata: {} },
    code('lr = 0.1'),
    code('epochs: int = 20  # how long\nname = "a#b"\nif x == 1:\n  y = 2', [
      'parameters'
    ])
  ],
  metadata: {},
  nbformat: 4,
  nbformat_minor: 5
} as unknown as nbformat.INotebookContent;

describe('a notebook as a job', () => {
  it('has the parameters of its tagged cell', () => {
    expect(parametersOf(notebook)).toEqual([
      { name: 'epochs', text: '20' },
      { name: 'name', text: '"a#b"' }
    ]);
    expect(parametersOf({ cells: [] })).toEqual([]);
  });

  it.each([
    ['20', 20],
    ['1e-3', 0.001],
    ["'a'", 'a'],
    ['"it\'s"', "it's"],
    ['True', true],
    ['None', null],
    ["{'a': [1, 2,], 'True': False}", { a: [1, 2], True: false }],
    ['plain words', 'plain words'],
    ['2026-01-01', '2026-01-01']
  ])('takes %s as a value', (text, value) => {
    expect(valueOf(text)).toEqual(value);
  });

  it('travels without its outputs', () => {
    const [, first] = withoutOutputs(notebook).cells;
    expect(first).toMatchObject({ outputs: [], execution_count: null });
    expect(notebook.cells[1]).toMatchObject({ execution_count: 3 });
  });

  it('runs in its folder here, in a snapshot of it elsewhere', () => {
    PageConfig.setOption('serverRoot', '/srv');
    const asked = {
      path: 'a/b.ipynb',
      content: notebook,
      compute: '',
      python: '/bin/py'
    };
    const choice = {
      compute: 'local',
      environment: 'kernel',
      parameters: { epochs: 5 }
    };
    expect(specOf(asked, choice)).toMatchObject({
      type: 'notebook',
      notebook: '/srv/a/b.ipynb',
      displayName: 'b',
      cwd: '/srv/a',
      code: null,
      python: '/bin/py',
      parameters: { epochs: 5 }
    });
    const there = { ...choice, compute: 'cpu', environment: 'torch:1' };
    expect(specOf(asked, there)).toMatchObject({
      cwd: '',
      code: '/srv/a',
      python: ''
    });
  });

  it('leaves its copy beside it', () => {
    const job = (kept: string) =>
      ({ name: 'j1', spec: { type: 'notebook', notebook: kept } }) as Job;
    expect(copyPath(job('/srv/a/b.ipynb'), '/srv')).toBe('a/b-j1.ipynb');
    expect(copyPath(job('/else/b.ipynb'), '/srv')).toBe('b-j1.ipynb');
  });
});

describe('what is said before a cell runs', () => {
  const problem = (code: string, where: string, severity = 'error') =>
    ({ code, where, cause: where, severity }) as Problem;
  const checked = (
    service: Partial<Preflight>,
    kernel?: Partial<KernelPreflight>
  ): IChecked => ({
    service: {
      problems: [],
      ships: null,
      start: null,
      ...service
    } as Preflight,
    kernel: kernel
      ? { kind: 'known', value: kernel as KernelPreflight }
      : { kind: 'busy' }
  });

  it('has errors first and no problem twice', () => {
    const both = checked(
      {
        problems: [problem('Slow', 'a', 'warning'), problem('Missing', 'b')]
      },
      { problems: [problem('Missing', 'b'), problem('CannotTravel', 'c')] }
    );
    expect(problemsOf(both).map(one => one.code)).toEqual([
      'Missing',
      'CannotTravel',
      'Slow'
    ]);
  });

  it('names the largest that goes along, and what is not known', () => {
    const names = [
      { name: 'params', type: 'dict', bytes: 1000 },
      { name: 'df', type: 'DataFrame', bytes: 41e6 }
    ];
    const known = checked({}, { names, problems: [] });
    expect(shipsWords(known, trans)).toBe(
      'Ships df 41\u00a0MB, params 1.0\u00a0kB'
    );
    expect(shipsWords(checked({}), trans)).toBe(
      'Variables not known while the kernel is busy'
    );
    expect(shipsWords(checked({}, { names: [] }), trans)).toBe('Ships nothing');
  });

  it('says how long a start takes only when that is known', () => {
    const start = { low: 100, high: 140, count: 9 } as Preflight['start'];
    expect(startWords({ start } as Preflight, trans)).toBe(
      'Starts in about 2 min'
    );
    expect(startWords({ start: null } as Preflight, trans)).toBe('');
  });
});
