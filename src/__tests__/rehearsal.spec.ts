import { nullTranslator } from '@jupyterlab/translation';
import { findingsOf } from '../rehearsal';
import type { Rehearsal } from '../wire';

const trans = nullTranslator.load('');
const GOOD = {
  environment: 'kernel',
  environmentSeconds: 0,
  loadSeconds: 0.4,
  memoryBytes: 180e6,
  memoryLimitBytes: 2e9,
  requestData: [1],
  answer: { status: 200, body: [8], text: '', seconds: 0.0031 },
  serving: '',
  isSame: null,
  warnings: []
} as unknown as Rehearsal;

/** With ordinary spaces. */
const words = (change: object) =>
  findingsOf({ ...GOOD, ...change } as Rehearsal, trans).map(
    ([shape, text]) => [shape, text.replace(/\s/g, ' ')]
  );

describe('what a rehearsal found', () => {
  it('is said with figures', () => {
    expect(words({})).toEqual([
      ['done', 'Starts in 400 ms, uses 180 MB'],
      ['done', 'Answers the sample in 3 ms: [8]']
    ]);
  });

  it.each([
    [{ environment: 'sk:2', environmentSeconds: 12 }, 'sk:2 is there, 12 s'],
    [{ memoryBytes: 3e9 }, /more than the 2\.0 GB of this size$/],
    [
      { answer: { status: 500, body: null, text: 'not a row', seconds: 1 } },
      'Refuses the sample with 500: not a row'
    ],
    [{ answer: null, requestData: null }, /the model has no sample$/],
    [
      { serving: 'blue', isSame: true },
      'blue, which serves now, says the same'
    ],
    [
      { serving: 'blue', isSame: false, servingAnswer: { body: 7 } },
      'blue, which serves now, says something else: 7'
    ],
    [{ warnings: ['old'] }, 'old']
  ])('%j', (change, expected) => {
    const said = words(change).map(([, text]) => text);
    expect(said).toContainEqual(
      typeof expected === 'string' ? expected : expect.stringMatching(expected)
    );
  });

  it('says nothing of what it did not get to', () => {
    const failed = {
      environmentSeconds: null,
      loadSeconds: null,
      answer: null,
      error: { code: 'UserScriptInitFailed', message: 'x' }
    };
    expect(words(failed)).toEqual([]);
  });
});
