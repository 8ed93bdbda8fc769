import { nullTranslator } from '@jupyterlab/translation';
import { filledIn } from '../away';
import { chosenCompute } from '../notebookcompute';
import { priceOf, priceWords, progressWords, secondsLeft } from '../runwords';
import type { Compute, JobSummary } from '../wire';

const trans = nullTranslator.load('jupyter_aml');

function job(fields: Partial<JobSummary> = {}): JobSummary {
  return {
    status: 'Running',
    statusReason: '',
    doing: '',
    progress: null,
    listPrice: null,
    startedAt: '2026-01-01T00:00:00Z',
    instanceCount: 1,
    ...fields
  } as JobSummary;
}

describe('what is left of a run', () => {
  it('follows from its pace', () => {
    expect(secondsLeft(0.25, 100)).toBe(300);
  });

  it('is not guessed from too little', () => {
    expect(secondsLeft(0.01, 100)).toBeNull();
    expect(secondsLeft(0.5, 1)).toBeNull();
    expect(secondsLeft(1, 100)).toBeNull();
  });

  it('is told with what the job says', () => {
    const said = job({ progress: 0.25, doing: 'epoch 5 of 20' });
    expect(progressWords(said, 600, trans)).toBe(
      'epoch 5 of 20, about 30 min left'
    );
    expect(progressWords(job({ progress: 0.5 }), 1, trans)).toBe('50 %');
    expect(progressWords(job(), 600, trans)).toBe('');
  });
});

describe('the price of a run', () => {
  const compute = { pricePerHour: 7.2, currentNodes: 2 } as Compute;

  it('grows with time and nodes', () => {
    expect(priceOf(job(), compute, 1000)).toBeCloseTo(1);
    expect(priceOf(job({ instanceCount: 2 }), compute, 1000)).toBeCloseTo(2);
  });

  it('is the receipt’s in the end, and nothing where it is free', () => {
    expect(priceOf(job({ listPrice: 0.5 }), compute, 1000)).toBe(0.5);
    expect(priceOf(job({ startedAt: null }), compute, 1000)).toBeNull();
    expect(priceOf(job(), { ...compute, pricePerHour: null }, 9)).toBeNull();
    expect(priceOf(job(), undefined, 9)).toBeNull();
  });

  it('is never told as spent when it is rehearsed', () => {
    expect(priceWords(0.12, true, true, trans)).toBe('would be $0.12 so far');
    expect(priceWords(0.12, false, true, trans)).toBe('would be $0.12');
    expect(priceWords(0.12, false, false, trans)).toBe('$0.12');
  });
});

it('counts what was filled in while nobody looked', () => {
  const text = (lines: number) => ({
    output_type: 'stream',
    name: 'stdout',
    text: 'x\n'.repeat(lines)
  });
  const plot = { output_type: 'display_data', data: { 'image/png': '' } };
  expect(filledIn([text(2)], [text(9), plot])).toEqual({
    lines: 7,
    plots: 1,
    first: 0
  });
  expect(filledIn([text(2)], [text(2), plot])).toEqual({
    lines: 0,
    plots: 1,
    first: 1
  });
  expect(filledIn([text(2)], [text(2)])).toEqual({
    lines: 0,
    plots: 0,
    first: 1
  });
});

it.each([
  [['%%aml -c a\n1'], '', 'a'],
  [['%%aml -c a\n1'], 'kept', 'a'],
  [['%%aml -c a\n1', '2'], 'kept', 'kept'],
  [['%%aml -c a\n1', '2'], '', 'a'],
  [['1', '2'], '', 'preferred']
])('cells %j with %j remembered run on %s', (sources, kept, expected) => {
  expect(chosenCompute(sources, kept, 'preferred')).toBe(expected);
});
