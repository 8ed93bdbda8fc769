import { OutputAreaModel } from '@jupyterlab/outputarea';
import { OutputFold, OutputList } from '../outputs';
import type { JobEvent } from '../wire';

const OPTIONS = { job: 'j1', executionCount: 5 };

let seq = 0;

function event(kind: JobEvent['kind'], fields: object = {}): JobEvent {
  seq += 1;
  return { seq, time: '2026-01-01T00:00:00Z', kind, ...fields } as JobEvent;
}

const out = (text: string) => event('stdout', { text });
const show = (text: string, id?: string) =>
  event('display_data', {
    data: { 'text/plain': text },
    metadata: {},
    transient: id ? { display_id: id } : {}
  });
const update = (text: string, id: string) =>
  event('update_display_data', {
    data: { 'text/plain': text },
    metadata: {},
    transient: { display_id: id }
  });

/** What a page shows that saw all events at once, in JupyterLab's own model. */
function whole(events: JobEvent[]): unknown {
  const model = new OutputAreaModel();
  new OutputFold(model, OPTIONS).apply(events);
  return model.toJSON();
}

/** What a page shows that came when `cut` events were there, and then saw the rest live. */
function resumed(events: JobEvent[], cut: number): unknown {
  const list = new OutputList();
  const fold = new OutputFold(list, OPTIONS);
  fold.apply(events.slice(0, cut));
  const model = new OutputAreaModel();
  model.fromJSON(list.outputs);
  fold.moveTo(model);
  for (const one of events.slice(cut)) {
    fold.apply([one]);
  }
  return model.toJSON();
}

const STORY = [
  event('status', { status: 'Running' }),
  out('epoch 1\n'),
  out('epoch 2\n'),
  event('stderr', { text: ' 10 %' }),
  event('stderr', { text: '\r 20 %' }),
  show('plot 1', 'plot'),
  out('between\n'),
  update('plot 2', 'plot'),
  event('metric', { name: 'loss', value: 0.5 }),
  show('again', 'plot'),
  update('plot 3', 'plot'),
  event('clear_output', { wait: true }),
  out('after the clear\n'),
  update('gone', 'plot'),
  event('stderr', { text: '\r\r 90 %' }),
  event('stderr', { text: '\r100 %\n' }),
  event('execute_result', { data: { 'text/plain': '42' }, metadata: {} }),
  event('error', { ename: 'E', evalue: 'v', traceback: ['t'] })
];

describe('OutputFold', () => {
  it('shows the same wherever the page came in', () => {
    const expected = whole(STORY);
    for (let cut = 0; cut <= STORY.length; cut += 1) {
      expect(resumed(STORY, cut)).toEqual(expected);
    }
  });

  it('joins one stream and keeps two apart', () => {
    expect(whole(STORY.slice(0, 5))).toMatchObject([
      { name: 'stdout', text: 'epoch 1\nepoch 2\n' },
      { name: 'stderr', text: ' 20 %' }
    ]);
  });

  it('updates every display of an id, and only those', () => {
    const shown = whole([
      show('a', 'x'),
      show('b', 'y'),
      show('c', 'x'),
      update('new', 'x')
    ]) as { data: Record<string, string> }[];
    expect(shown.map(output => output.data['text/plain'])).toEqual([
      'new',
      'b',
      'new'
    ]);
  });

  it('clears at once, or with the next output', () => {
    const clear = (wait: boolean) => event('clear_output', { wait });
    expect(whole([out('a'), clear(false)])).toEqual([]);
    expect(whole([out('a'), clear(true)])).toHaveLength(1);
    expect(whole([out('a'), clear(true), out('b')])).toMatchObject([
      { text: 'b' }
    ]);
  });

  it('names the job in the first rich output only, also after a clear', () => {
    const jobs = (events: JobEvent[]) =>
      (whole(events) as { metadata?: { jupyter_aml?: unknown } }[]).map(
        output => output.metadata?.jupyter_aml
      );
    const own = { job: 'j1' };
    expect(jobs([out('a'), show('b'), show('c')])).toEqual([
      undefined,
      own,
      undefined
    ]);
    const clear = event('clear_output', { wait: true });
    expect(jobs([show('a'), clear, show('b'), show('c')])).toEqual([
      own,
      undefined
    ]);
  });

  it('forgets what the person cleared', () => {
    const model = new OutputAreaModel();
    const fold = new OutputFold(model, OPTIONS);
    fold.apply([show('a', 'x')]);
    model.clear();
    fold.forget();
    fold.apply([update('b', 'x'), out('c')]);
    expect(model.toJSON()).toMatchObject([{ text: 'c' }]);
  });
});
