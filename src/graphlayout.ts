/** Where the steps of a pipeline lie, and how the arrow keys go from one to another. Pure. */
import { Graph, layout } from '@dagrejs/dagre';

/** From left to right, or from the top down. */
export type Flow = 'across' | 'down';

export interface IGraphStep {
  name: string;
  /** Steps that have to end before it. */
  needs: readonly string[];
}

export interface IBox {
  width: number;
  height: number;
}

/** A step's middle. */
export interface IPlace {
  x: number;
  y: number;
}

export interface IEdge {
  from: string;
  to: string;
  points: readonly IPlace[];
}

export interface IGraphLayout extends IBox {
  flow: Flow;
  places: ReadonlyMap<string, IPlace>;
  edges: readonly IEdge[];
}

/** Lay the steps out in layers; `box` is how large each is drawn. */
export function layOut(
  steps: readonly IGraphStep[],
  flow: Flow,
  box: IBox
): IGraphLayout {
  const graph = new Graph();
  graph.setGraph({
    rankdir: flow === 'across' ? 'LR' : 'TB',
    ranksep: box.height * 0.8,
    nodesep: box.height / 3
  });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { name } of steps) {
    graph.setNode(name, { ...box });
  }
  for (const { name, needs } of steps) {
    for (const need of needs) {
      if (graph.hasNode(need) && need !== name) {
        graph.setEdge(need, name);
      }
    }
  }
  layout(graph);
  const { width = 0, height = 0 } = graph.graph() as Partial<IBox>;
  const places = new Map(
    graph.nodes().map(name => {
      const { x, y } = graph.node(name) as IPlace;
      return [name, { x, y }];
    })
  );
  const half =
    flow === 'across'
      ? { x: box.width / 2, y: 0 }
      : { x: 0, y: box.height / 2 };
  return {
    flow,
    width,
    height,
    places,
    edges: graph.edges().map(edge => {
      const { points } = graph.edge(edge) as { points: IPlace[] };
      return {
        from: edge.v,
        to: edge.w,
        points: [
          places.get(edge.v) as IPlace,
          // Where it passes layers between: not the border, nor what is halfway to a layer.
          ...points.slice(2, -2).filter((_, index) => index % 2 === 0),
          places.get(edge.w) as IPlace
        ]
          .flatMap(({ x, y }) => [
            { x: x - half.x, y: y - half.y },
            { x: x + half.x, y: y + half.y }
          ])
          .slice(1, -1)
      };
    })
  };
}

/** Below this the words cannot be read: what does not fit then is scrolled to. */
export const LEAST_SCALE = 0.75;

/** How small the graph must be drawn to be seen as a whole; never larger than it is. */
export function scaleToFit(graph: IBox, room: IBox): number {
  const fitting = Math.min(
    1,
    room.width / (graph.width || 1),
    room.height / (graph.height || 1)
  );
  return Math.max(LEAST_SCALE, fitting);
}

/** How much more must be read from the top down, so that the graph is drawn that way. */
const GAIN = 1.2;

/** From left to right, unless much more can be read from the top down. */
export function layOutIn(
  steps: readonly IGraphStep[],
  room: IBox,
  box: IBox
): IGraphLayout {
  const [across, down] = (['across', 'down'] as const).map(flow =>
    layOut(steps, flow, box)
  ) as [IGraphLayout, IGraphLayout];
  const cut = (graph: IGraphLayout) => {
    const scale = scaleToFit(graph, room);
    return (
      Math.min(1, room.width / (graph.width * scale || 1)) *
      Math.min(1, room.height / (graph.height * scale || 1)) *
      scale
    );
  };
  return cut(down) > GAIN * cut(across) ? down : across;
}

/** The same from right to left. */
export function mirrored(graph: IGraphLayout): IGraphLayout {
  const turn = ({ x, y }: IPlace) => ({ x: graph.width - x, y });
  return {
    ...graph,
    places: new Map(
      Array.from(graph.places, ([name, place]) => [name, turn(place)])
    ),
    edges: graph.edges.map(edge => ({
      ...edge,
      points: edge.points.map(turn)
    }))
  };
}

/** A line through the points, which leaves and reaches each along the flow. */
export function pathOf(points: readonly IPlace[], flow: Flow): string {
  const spot = ({ x, y }: IPlace) => `${x.toFixed(1)},${y.toFixed(1)}`;
  return points
    .map((point, index) => {
      const before = points[index - 1];
      if (!before) {
        return `M${spot(point)}`;
      }
      const { x, y } = middleOf(before, point);
      const [leaving, reaching] =
        flow === 'across'
          ? [
              { x, y: before.y },
              { x, y: point.y }
            ]
          : [
              { x: before.x, y },
              { x: point.x, y }
            ];
      return `C${spot(leaving)} ${spot(reaching)} ${spot(point)}`;
    })
    .join(' ');
}

export function middleOf(one: IPlace, other: IPlace): IPlace {
  return { x: (one.x + other.x) / 2, y: (one.y + other.y) / 2 };
}

const STEPS: Record<string, readonly [number, number]> = {
  ArrowRight: [1, 0],
  ArrowLeft: [-1, 0],
  ArrowDown: [0, 1],
  ArrowUp: [0, -1]
};

/**
 * Where an arrow key leads as the graph is seen: along a line to the next step, or to the
 * neighbour beside it. Null: nowhere.
 */
export function walk(
  graph: IGraphLayout,
  from: string,
  key: string
): string | null {
  const here = graph.places.get(from);
  const towards = STEPS[key];
  if (!here || !towards) {
    return null;
  }
  const [right, down] = towards;
  const isAlong = (right !== 0) === (graph.flow === 'across');
  const linked = new Set(
    graph.edges.flatMap(edge =>
      edge.from === from ? [edge.to] : edge.to === from ? [edge.from] : []
    )
  );
  let found: string | null = null;
  let least = Infinity;
  for (const [name, there] of graph.places) {
    const ahead = (there.x - here.x) * right + (there.y - here.y) * down;
    const aside = Math.abs(right ? there.y - here.y : there.x - here.x);
    const fits = ahead > 1 && (isAlong ? linked.has(name) : aside < 1);
    if (fits && ahead + aside < least) {
      found = name;
      least = ahead + aside;
    }
  }
  return found;
}
