import { LogLines } from '../log';
import { followsAfter, LogSelection, splitHits } from '../logselection';
import type { JobEvent } from '../wire';

let seq = 0;

function printed(text: string, node = 0, kind = 'stdout'): JobEvent {
  seq += 1;
  const time = '2026-01-01T00:00:00Z';
  return { seq, time, kind, text, node } as JobEvent;
}

function logOf(...events: JobEvent[]): LogLines {
  const log = new LogLines();
  log.add(events, () => 'said');
  return log;
}

describe('a selection of a log', () => {
  it('shows all, or the lines of a node or stream', () => {
    const log = logOf(
      printed('a\n', 0),
      printed('b\n', 1),
      printed('c\n', 1, 'stderr'),
      { seq: 9, time: '', kind: 'status', status: 'Running' } as JobEvent
    );
    const texts = (source: string) => {
      const selection = new LogSelection(log, source);
      return Array.from(
        { length: selection.count },
        (_, at) => selection.at(at)?.text
      );
    };
    expect(texts('all')).toEqual(['a', 'b', 'c', 'said']);
    expect(texts('node/1')).toEqual(['b', 'c']);
    expect(texts('stderr')).toEqual(['c']);
    expect(texts('system')).toEqual(['said']);
    expect(new LogSelection(log, 'node/1').numberAt(1)).toBe(3);
  });

  it('finds text, also in what comes later and in lines that were unfinished', () => {
    const log = logOf(printed('warning: a\nfine\nWar'));
    const all = new LogSelection(log, 'all', 'warn');
    const ofNode = new LogSelection(log, 'node/1', 'warn');
    expect(all.hits).toEqual([0]);
    log.add([printed('ning: b\n'), printed('warned\n', 1)], () => '');
    all.update();
    ofNode.update();
    expect(all.hits).toEqual([0, 2, 3]);
    expect(ofNode.hits).toEqual([0]);
    expect(ofNode.at(0)?.text).toBe('warned');
  });

  it('stays right when lines are dropped at the front', () => {
    const log = new LogLines(100);
    const selection = new LogSelection(log, 'stdout', 'x5');
    const lines = Array.from({ length: 130 }, (_, n) => `x${n}\n`).join('');
    log.add([printed(lines)], () => '');
    selection.update();
    expect(log.lines.length + log.dropped).toBe(130);
    expect(log.dropped).toBe(30);
    expect(selection.at(0)?.text).toBe('x30');
    expect(selection.numberAt(0)).toBe(31);
    expect(selection.hits.map(hit => selection.at(hit)?.text)).toEqual(
      Array.from({ length: 10 }, (_, n) => `x5${n}`)
    );
  });

  it('takes a million lines in a moment', () => {
    const log = new LogLines();
    const chunk = `${Array.from({ length: 1000 }, (_, n) => `line ${n}`).join('\n')}\n`;
    const began = Date.now();
    for (let count = 0; count < 1000; count += 1) {
      log.add([printed(chunk)], () => '');
    }
    const selection = new LogSelection(log, 'all', 'line 777');
    expect(log.lines).toHaveLength(1_000_000);
    expect(selection.hits).toHaveLength(1000);
    // A generous bound: what is quadratic takes minutes.
    expect(Date.now() - began).toBeLessThan(20_000);
  });
});

it('marks what was found', () => {
  expect(splitHits('a Warn and warn', 'warn')).toEqual([
    'a ',
    'Warn',
    ' and ',
    'warn',
    ''
  ]);
  expect(splitHits('abc', '')).toEqual(['abc']);
});

describe('following the end', () => {
  const at = (top: number, height = 100, content = 1000) => ({
    top,
    height,
    content
  });

  it.each([
    ['at the end', false, at(0), at(900), true],
    ['lines came before the event', true, at(900), at(900, 100, 1500), true],
    ['the box became lower', true, at(900), at(900, 60), true],
    ['somebody scrolled up', true, at(900), at(700), false],
    ['scrolled up while lines came', true, at(900), at(700, 100, 1500), false],
    ['still somewhere else', false, at(300), at(310), false],
    [
      'lines got lower, the box was clamped',
      true,
      at(900),
      at(850, 100, 960),
      true
    ]
  ])('%s', (_, was, before, now, expected) => {
    expect(followsAfter(was, before, now)).toBe(expected);
  });
});
