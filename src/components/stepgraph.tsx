/** The steps of a pipeline as a graph, as large as there is room; arrow keys walk it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import {
  IEdge,
  IGraphLayout,
  layOutIn,
  middleOf,
  mirrored,
  pathOf,
  scaleToFit,
  walk
} from '../graphlayout';
import {
  branchOf,
  graphSteps,
  stepLabel,
  stepNote,
  stepState,
  stepTag,
  stepTime
} from '../pipeline';
import type { StepRow } from '../wire';
import { StateShape } from './controls';
import { IRoom, useBox } from './usebox';

export interface IStepGraphProps {
  steps: readonly StepRow[];
  now: number;
  trans: TranslationBundle;
  onOpen(step: StepRow): void;
}

/** Of a step, in letters' heights. */
const WIDE = 16;
const HIGH = 5;

export function StepGraph(props: IStepGraphProps): JSX.Element {
  const { steps, trans } = props;
  const [element, room] = useBox<HTMLDivElement>();
  return (
    <div
      ref={element}
      className="aml-graph"
      role="group"
      aria-label={trans._n(
        'Graph of %1 step; arrow keys walk it',
        'Graph of %1 steps; arrow keys walk it',
        steps.length
      )}
    >
      {room && room.width > 0 && <Drawn {...props} room={room} />}
    </div>
  );
}

function Drawn(props: IStepGraphProps & { room: IRoom }): JSX.Element {
  const { steps, room, trans } = props;
  const box = { width: room.font * WIDE, height: room.font * HIGH };
  const graph = useLayout(steps, room, box);
  const scale = scaleToFit(graph, room);
  const [current, setCurrent] = React.useState('');
  const stop = graph.places.has(current) ? current : steps[0]?.name;
  const nodes = React.useRef(new Map<string, HTMLElement>());
  const onKeyDown = (event: React.KeyboardEvent, name: string) => {
    const ends: Record<string, string | undefined> = {
      Home: steps[0]?.name,
      End: steps[steps.length - 1]?.name
    };
    const next = ends[event.key] ?? walk(graph, name, event.key);
    if (next) {
      event.preventDefault();
      nodes.current.get(next)?.focus();
    }
  };
  const size = {
    width: graph.width * scale,
    height: graph.height * scale
  };
  return (
    <div className="inner" style={size}>
      <div
        className="scaled"
        style={{
          width: graph.width,
          height: graph.height,
          transform: scale === 1 ? undefined : `scale(${scale})`
        }}
      >
        <Lines graph={graph} steps={steps} current={current} trans={trans} />
        {steps.map(step => {
          const place = graph.places.get(step.name);
          return (
            place && (
              <Step
                key={step.name}
                {...props}
                step={step}
                style={{
                  ...box,
                  left: place.x - box.width / 2,
                  top: place.y - box.height / 2
                }}
                isStop={step.name === stop}
                nodeRef={node => {
                  if (node) {
                    nodes.current.set(step.name, node);
                  } else {
                    nodes.current.delete(step.name);
                  }
                }}
                onFocus={() => setCurrent(step.name)}
                onKeyDown={event => onKeyDown(event, step.name)}
              />
            )
          );
        })}
      </div>
    </div>
  );
}

/** Laid out again when the steps or the room have changed, not when a state has. */
function useLayout(
  steps: readonly StepRow[],
  room: IRoom,
  box: { width: number; height: number }
): IGraphLayout {
  const asked = graphSteps(steps);
  return React.useMemo(() => {
    const graph = layOutIn(asked, room, box);
    return room.isRtl ? mirrored(graph) : graph;
  }, [JSON.stringify(asked), room]);
}

function Lines(props: {
  graph: IGraphLayout;
  steps: readonly StepRow[];
  current: string;
  trans: TranslationBundle;
}): JSX.Element {
  const { graph, steps, current, trans } = props;
  const id = React.useId();
  const branches = new Map(
    steps.flatMap(step => {
      const branch = branchOf(step);
      return branch ? [[`${branch.from} ${branch.to}`, branch] as const] : [];
    })
  );
  const isWay = (edge: IEdge) => edge.from === current || edge.to === current;
  return (
    <svg width={graph.width} height={graph.height} aria-hidden="true">
      <defs>
        <marker
          id={id}
          viewBox="0 0 8 8"
          refX="7"
          refY="4"
          markerWidth="8"
          markerHeight="8"
          orient="auto-start-reverse"
        >
          <path d="M0 0 8 4 0 8z" />
        </marker>
      </defs>
      {graph.edges.map(edge => {
        const branch = branches.get(`${edge.from} ${edge.to}`);
        const [start, next] = edge.points;
        const middle = start && next && middleOf(start, next);
        return (
          <React.Fragment key={`${edge.from} ${edge.to}`}>
            <path
              className={isWay(edge) ? 'edge way' : 'edge'}
              d={pathOf(edge.points, graph.flow)}
              markerEnd={`url(#${id})`}
            />
            {branch && middle && (
              <text x={middle.x} y={middle.y - 4} textAnchor="middle">
                {branch.isTrue ? trans.__('if true') : trans.__('if false')}
              </text>
            )}
          </React.Fragment>
        );
      })}
    </svg>
  );
}

function Step(
  props: IStepGraphProps & {
    step: StepRow;
    style: React.CSSProperties;
    isStop: boolean;
    nodeRef: React.Ref<HTMLButtonElement>;
    onFocus(): void;
    onKeyDown(event: React.KeyboardEvent): void;
  }
): JSX.Element {
  const { step, now, trans } = props;
  const state = stepState(step, trans);
  const note = stepNote(step, trans);
  const tag = stepTag(step, trans);
  const label = stepLabel(step, now, trans);
  return (
    <button
      type="button"
      ref={props.nodeRef}
      className={step.job || step.reusedFrom ? 'step' : 'step off'}
      data-step={step.name}
      style={props.style}
      tabIndex={props.isStop ? 0 : -1}
      aria-label={label}
      title={label}
      onClick={() => props.onOpen(step)}
      onFocus={props.onFocus}
      onKeyDown={props.onKeyDown}
    >
      <span className="fx4">
        <StateShape shape={state.shape} />
        <b className="ell grow">{step.displayName || step.name}</b>
        {tag && <span className="badge">{tag}</span>}
      </span>
      <span className="fx4 num">
        <span>{state.word}</span>
        <span className="s">{stepTime(step, now, trans)}</span>
      </span>
      <span className="s ell">{note}</span>
      {step.progress !== null && !step.endedAt && (
        <i className="bar" style={{ width: `${100 * step.progress}%` }} />
      )}
    </button>
  );
}
