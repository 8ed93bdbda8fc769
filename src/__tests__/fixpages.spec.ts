import { nullTranslator } from '@jupyterlab/translation';
import { IFixContext, openPage } from '../fixpages';
import { filterOf } from '../sizes';
import { CommandIDs } from '../tokens';

const place = { notebook: '/home/ana/a.ipynb', cellId: 'c' };

function context(): IFixContext & { did: unknown[][] } {
  const did: unknown[][] = [];
  const note =
    (name: string) =>
    (...args: unknown[]) => {
      did.push([name, ...args]);
      return Promise.resolve(undefined);
    };
  return {
    did,
    manager: { environments: [] },
    commands: { execute: note('execute') },
    trans: nullTranslator.load(''),
    cells: { go: note('go'), insertAbove: note('insertAbove') },
    place,
    use: note('use')
  } as unknown as IFixContext & { did: unknown[][] };
}

describe('a page that a fix opens', () => {
  it.each([
    ['cell:7', ['go', place, 7]],
    [
      'job:a:files',
      ['execute', CommandIDs.openJob, { name: 'a', part: 'outputs' }]
    ],
    ['job:a', ['execute', CommandIDs.openJob, { name: 'a' }]],
    ['sizes:gpu', ['execute', CommandIDs.createCompute, { search: 'gpu' }]],
    [
      'environment:torch:2',
      ['execute', CommandIDs.openPanel, { section: 'environments' }]
    ],
    [
      'file:/a/.amlignore',
      ['insertAbove', place, '%%writefile -a /a/.amlignore\n']
    ],
    ['of-a-newer-service:x', ['execute', CommandIDs.openPanel]]
  ])('%s', async (page, did) => {
    const given = context();
    await openPage(page, given);
    expect(given.did).toEqual([did]);
  });
});

describe('the list of sizes', () => {
  it('begins with what a fix asks for', () => {
    expect(filterOf('gpu')).toMatchObject({ kind: 'gpu', text: '' });
    expect(filterOf('memory=24')).toMatchObject({ kind: 'all', text: '24 GB' });
    expect(filterOf('')).toMatchObject({ kind: 'all', text: '' });
  });
});
