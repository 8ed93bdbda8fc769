import {
  layOut,
  layOutIn,
  LEAST_SCALE,
  mirrored,
  pathOf,
  scaleToFit,
  walk
} from '../graphlayout';

// Every browser has it; the page of these tests does not.
globalThis.structuredClone ??= value =>
  value === undefined ? value : JSON.parse(JSON.stringify(value));

const BOX = { width: 200, height: 60 };

/** prep → train, eval → report: train and eval stand beside each other. */
const DIAMOND = [
  { name: 'prep', needs: [] },
  { name: 'train', needs: ['prep'] },
  { name: 'eval', needs: ['prep'] },
  { name: 'report', needs: ['train', 'eval'] }
];

describe('the layout of a graph', () => {
  it('puts a step after those it needs, and none over another', () => {
    const graph = layOut(DIAMOND, 'across', BOX);
    const x = (name: string) => graph.places.get(name)?.x ?? NaN;
    const y = (name: string) => graph.places.get(name)?.y ?? NaN;
    expect(x('prep') + BOX.width).toBeLessThan(x('train'));
    expect(x('train')).toBe(x('eval'));
    expect(x('train') + BOX.width).toBeLessThan(x('report'));
    expect(Math.abs(y('train') - y('eval'))).toBeGreaterThan(BOX.height);
    expect(graph.edges).toHaveLength(4);
  });

  it('leaves out needs that are no step', () => {
    const graph = layOut([{ name: 'a', needs: ['gone', 'a'] }], 'down', BOX);
    expect(graph.edges).toEqual([]);
    expect(graph.places.size).toBe(1);
  });

  it('of nothing is nothing', () => {
    expect(layOut([], 'across', BOX).places.size).toBe(0);
  });

  it('chooses the flow in which more can be read', () => {
    const chain = ['a', 'b', 'c', 'd'].map((name, index, all) => ({
      name,
      needs: all.slice(Math.max(0, index - 1), index)
    }));
    const wide = { width: 1200, height: 300 };
    const tall = { width: 300, height: 900 };
    expect(layOutIn(chain, wide, BOX).flow).toBe('across');
    expect(layOutIn(chain, tall, BOX).flow).toBe('down');
  });

  it('is drawn smaller to fit, but never too small to read', () => {
    expect(scaleToFit({ width: 100, height: 50 }, BOX)).toBe(1);
    expect(scaleToFit({ width: 250, height: 50 }, BOX)).toBeCloseTo(0.8);
    expect(scaleToFit({ width: 9000, height: 50 }, BOX)).toBe(LEAST_SCALE);
  });

  it('leads a line from side to side, past the layers between', () => {
    const graph = layOut(
      [...DIAMOND, { name: 'last', needs: ['prep', 'report'] }],
      'across',
      BOX
    );
    const long = graph.edges.find(
      one => one.to === 'last' && one.from === 'prep'
    );
    const prep = graph.places.get('prep');
    const last = graph.places.get('last');
    const points = long?.points ?? [];
    expect(points[0]?.x).toBe((prep?.x ?? 0) + BOX.width / 2);
    expect(points[points.length - 1]?.x).toBe((last?.x ?? 0) - BOX.width / 2);
    const xs = points.map(point => point.x);
    expect(xs).toEqual([...xs].sort((one, other) => one - other));
    // Two layers are passed, each with a straight piece as wide as a step.
    expect(points).toHaveLength(6);
    expect(pathOf(points, 'across').split('C')).toHaveLength(6);
    expect(pathOf([], 'down')).toBe('');
  });
});

describe('the arrow keys', () => {
  it('follow lines along the flow, and neighbours across it', () => {
    const graph = layOut(DIAMOND, 'across', BOX);
    const next = walk(graph, 'prep', 'ArrowRight');
    expect(['train', 'eval']).toContain(next);
    const [upper, lower] = ['train', 'eval'].sort(
      (one, other) =>
        (graph.places.get(one)?.y ?? 0) - (graph.places.get(other)?.y ?? 0)
    ) as [string, string];
    expect(walk(graph, upper, 'ArrowDown')).toBe(lower);
    expect(walk(graph, lower, 'ArrowUp')).toBe(upper);
    expect(walk(graph, upper, 'ArrowRight')).toBe('report');
    expect(walk(graph, lower, 'ArrowLeft')).toBe('prep');
    expect(walk(graph, 'prep', 'ArrowLeft')).toBeNull();
    expect(walk(graph, 'prep', 'x')).toBeNull();
  });

  it('go as the eye does where text runs from right to left', () => {
    const graph = mirrored(layOut(DIAMOND, 'across', BOX));
    expect(walk(graph, 'report', 'ArrowLeft')).toBeNull();
    expect(walk(graph, 'prep', 'ArrowLeft')).not.toBeNull();
  });
});
