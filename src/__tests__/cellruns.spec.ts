import { PageConfig } from '@jupyterlab/coreutils';
import { CellRuns } from '../cellruns';
import { serverPath } from '../reattach';
import { ApiError } from '../request';

const ROOT = '/srv/work';

/** A service that knows one run, of cell "c1" of `notebook`; and the files that exist. */
function runs(notebook: string, path: string, files: string[]) {
  const job = {
    name: 'j1',
    notebook,
    cellId: 'c1',
    spec: { type: 'cell', cellId: 'c1', notebook }
  };
  const call = async (operation: string, args: Record<string, string>) => {
    const isKnown =
      operation === 'cells.get'
        ? args.notebook === notebook && args.cellId === 'c1'
        : args.name === 'j1';
    if (!isKnown) {
      throw new ApiError({ code: 'NotFound', message: '' });
    }
    return operation === 'cells.get' ? { job: 'j1' } : job;
  };
  const get = async (file: string) => {
    if (!files.includes(file)) {
      throw { response: { status: 404 } };
    }
    return {};
  };
  return new CellRuns({
    manager: { jobs: [], call } as never,
    contents: { get, driveName: () => '' } as never,
    context: { path }
  });
}

const SAVED = [{ metadata: { jupyter_aml: { job: 'j1' } } }];

describe('the run of a cell', () => {
  beforeAll(() => {
    PageConfig.setOption('serverRoot', ROOT);
  });

  it('is found by path and cell', async () => {
    const found = runs(`${ROOT}/a.ipynb`, 'a.ipynb', ['a.ipynb']);
    expect((await found.find('c1', []))?.name).toBe('j1');
    expect(await found.find('c2', [])).toBeNull();
  });

  it('is found after the notebook was renamed or its folder moved', async () => {
    const renamed = runs(`${ROOT}/a.ipynb`, 'b.ipynb', ['b.ipynb']);
    expect((await renamed.find('c1', SAVED))?.name).toBe('j1');
    expect(renamed.isOwn({ name: 'j1', notebook: `${ROOT}/a.ipynb` })).toBe(
      true
    );
  });

  it('is not shown in a copy', async () => {
    const copy = runs(`${ROOT}/a.ipynb`, 'b.ipynb', ['a.ipynb', 'b.ipynb']);
    expect(await copy.find('c1', SAVED)).toBeNull();
    const copiedCell = runs(`${ROOT}/a.ipynb`, 'b.ipynb', ['b.ipynb']);
    expect(await copiedCell.find('c2', SAVED)).toBeNull();
  });

  it('is not shown when nobody can say whether it was moved', async () => {
    const elsewhere = runs('/home/x/a.ipynb', 'b.ipynb', ['b.ipynb']);
    expect(await elsewhere.find('c1', SAVED)).toBeNull();
  });
});

it.each([
  ['/srv/work/a/b.ipynb', '/srv/work', 'a/b.ipynb'],
  ['/srv/work/b.ipynb', '/srv/work/', 'b.ipynb'],
  ['/srv/workshop/b.ipynb', '/srv/work', null],
  ['/home/me/work/b.ipynb', '~/work', 'b.ipynb'],
  ['a/b.ipynb', '/srv/work', 'a/b.ipynb'],
  ['', '/srv/work', null],
  ['/x/b.ipynb', '', null]
])('the server has %s below %s as %s', (kept, root, expected) => {
  expect(serverPath(kept, root)).toBe(expected);
});
