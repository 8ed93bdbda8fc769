/** The trials of a sweep drawn: the metric against one parameter, or against all at once. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { axisOf, IAxis, measured } from '../sweep';
import type { Trial, TrialList } from '../wire';
import { compact } from './plot';
import { useBox } from './usebox';

export interface ITrialPlotProps {
  list: TrialList;
  /** Those against which the metric is drawn; a scatter has one. */
  parameters: readonly string[];
  chosen: string;
  trans: TranslationBundle;
  onChoose(job: string): void;
}

type Measured = Trial & { metric: number };

const HEIGHT = 240;
const BOX = { left: 52, right: 16, top: 12, bottom: 24 };

/** A point for each trial that has a value. The table says the same, for who cannot see it. */
export function Scatter(props: ITrialPlotProps): JSX.Element {
  const { list, trans } = props;
  const [element, room] = useBox<HTMLDivElement>();
  const parameter = props.parameters[0] ?? '';
  const trials = measured(list.value).filter(
    one => parameter in one.parameters
  );
  const x = axisOf(
    parameter,
    trials.map(one => one.parameters[parameter] ?? ''),
    compact
  );
  const y = axisOf(
    list.primaryMetric,
    trials.map(one => one.metric),
    compact
  );
  const width = room?.width ?? 0;
  const across = (at: number) =>
    BOX.left + 8 + at * (width - BOX.left - BOX.right - 16);
  const down = (at: number) =>
    HEIGHT - BOX.bottom - 8 - at * (HEIGHT - BOX.top - BOX.bottom - 16);
  return (
    <div ref={element} className="aml-plotbox">
      {width > 0 && (
        <svg
          className="plot"
          width={width}
          height={HEIGHT}
          role="img"
          aria-label={summaryOf(trials, parameter, props)}
        >
          {y.ticks.map(tick => (
            <React.Fragment key={tick.label}>
              <line
                className="g"
                x1={BOX.left}
                x2={width - BOX.right}
                y1={down(tick.at)}
                y2={down(tick.at)}
              />
              <text x={BOX.left - 6} y={down(tick.at) + 4} textAnchor="end">
                {tick.label}
              </text>
            </React.Fragment>
          ))}
          {apart(x.ticks, across).map(tick => (
            <text
              key={tick.label}
              x={across(tick.at)}
              y={HEIGHT - 6}
              textAnchor="middle"
            >
              {tick.label}
            </text>
          ))}
          {inFront(trials, props.chosen).map(trial => (
            <Mark
              key={trial.job}
              trial={trial}
              isChosen={trial.job === props.chosen}
              x={across(x.at(trial.parameters[parameter] ?? ''))}
              y={down(y.at(trial.metric))}
              isLabelBefore={
                across(x.at(trial.parameters[parameter] ?? '')) > width / 2
              }
              onChoose={props.onChoose}
            />
          ))}
        </svg>
      )}
      {!trials.length && (
        <p className="s">{trans.__('No trial has a value yet.')}</p>
      )}
    </div>
  );
}

/** One axis for each parameter and one for the metric; a line for each trial. */
export function Parallel(props: ITrialPlotProps): JSX.Element {
  const { list, parameters, trans } = props;
  const [element, room] = useBox<HTMLDivElement>();
  const trials = measured(list.value);
  const axes: [IAxis, (trial: Measured) => string | number | boolean][] = [
    ...parameters.map((name): (typeof axes)[number] => {
      const value = (trial: Measured) => trial.parameters[name] ?? '';
      return [axisOf(name, trials.map(value), compact), value];
    }),
    [
      axisOf(
        list.primaryMetric,
        trials.map(one => one.metric),
        compact
      ),
      trial => trial.metric
    ]
  ];
  const width = room?.width ?? 0;
  const least = parameters.length * 96 + 2 * BOX.left;
  const wide = Math.max(width, least);
  const across = (index: number) =>
    BOX.left + (index * (wide - 2 * BOX.left)) / (axes.length - 1 || 1);
  const top = BOX.top + 16;
  const down = (at: number) =>
    HEIGHT - BOX.bottom - at * (HEIGHT - top - BOX.bottom);
  return (
    <div
      ref={element}
      className="aml-plotbox"
      tabIndex={wide > width ? 0 : undefined}
    >
      {width > 0 && trials.length > 0 && (
        <svg
          className="plot"
          width={wide}
          height={HEIGHT}
          role="img"
          aria-label={summaryOf(trials, parameters.join(', '), props)}
        >
          {inFront(trials, props.chosen).map(trial => (
            <polyline
              key={trial.job}
              className={classOf('pc', trial, props.chosen)}
              points={axes
                .map(([axis, value], index) => {
                  const y = down(axis.at(value(trial)));
                  return `${across(index).toFixed(1)},${y.toFixed(1)}`;
                })
                .join(' ')}
              onClick={() => props.onChoose(trial.job)}
            />
          ))}
          {axes.map(([axis], index) => (
            <g key={axis.name} transform={`translate(${across(index)} 0)`}>
              <line className="ax" y1={top} y2={HEIGHT - BOX.bottom} />
              <text
                className="lab"
                y={BOX.top}
                textAnchor={isLast(index, axes) ? 'end' : 'middle'}
              >
                {axis.name}
              </text>
              {axis.ticks.map(tick => (
                <text
                  key={tick.label}
                  x={isLast(index, axes) ? 6 : -6}
                  y={down(tick.at) + 4}
                  textAnchor={isLast(index, axes) ? 'start' : 'end'}
                >
                  {tick.label}
                </text>
              ))}
            </g>
          ))}
        </svg>
      )}
      {!trials.length && (
        <p className="s">{trans.__('No trial has a value yet.')}</p>
      )}
    </div>
  );
}

/** Its labels stand on the other side, where no line goes. */
function isLast(index: number, axes: readonly unknown[]): boolean {
  return index === axes.length - 1;
}

/** A star for the best, a ring for one that was ended early, a disc for any other. */
function Mark(props: {
  trial: Measured;
  isChosen: boolean;
  x: number;
  y: number;
  /** Its words stand at its left: at its right the plot ends. */
  isLabelBefore: boolean;
  onChoose(job: string): void;
}): JSX.Element {
  const { trial, isChosen, x, y } = props;
  const choose = () => props.onChoose(trial.job);
  return (
    <g transform={`translate(${x} ${y})`} onClick={choose}>
      {isChosen && <circle className="chosen" r={9} />}
      {trial.best ? (
        <path className="best" d={STAR} />
      ) : (
        <circle className={trial.terminated ? 'early' : 'dot'} r={4} />
      )}
      {(trial.best || isChosen) && (
        <text
          className="lab"
          x={props.isLabelBefore ? -11 : 11}
          y={4}
          textAnchor={props.isLabelBefore ? 'end' : 'start'}
        >
          {`${trial.number}: ${compact(trial.metric)}`}
        </text>
      )}
    </g>
  );
}

const STAR =
  'm0-7.500 2.200 4.600 5 .7-3.700 3.500.9 5L0 3.900l-4.400 2.400.9-5-3.700-3.500 5-.7z';

function classOf(base: string, trial: Trial, chosen: string): string {
  return [
    base,
    trial.best && 'best',
    trial.terminated && 'early',
    trial.job === chosen && 'chosen'
  ]
    .filter(Boolean)
    .join(' ');
}

/** What is looked at covers the others: it is drawn last, the best before it. */
function inFront(trials: readonly Measured[], chosen: string): Measured[] {
  const rank = (trial: Trial) =>
    Number(trial.best) + 2 * Number(trial.job === chosen);
  return [...trials].sort((one, other) => rank(one) - rank(other));
}

/** Labels that would cover the one before are left out. */
function apart(
  ticks: IAxis['ticks'],
  across: (at: number) => number
): IAxis['ticks'] {
  let end = -Infinity;
  return ticks.filter(({ at, label }) => {
    const half = label.length * 3.5;
    const isFree = across(at) - half > end;
    end = isFree ? across(at) + half + 6 : end;
    return isFree;
  });
}

function summaryOf(
  trials: readonly Measured[],
  against: string,
  { list, trans }: ITrialPlotProps
): string {
  const best = trials.find(trial => trial.best);
  const drawn = trans._n(
    '%2 of %1 trial against %3',
    '%2 of %1 trials against %3',
    trials.length,
    list.primaryMetric,
    against
  );
  return best
    ? trans.__(
        '%1; the best is trial %2 with %3',
        drawn,
        best.number,
        compact(best.metric)
      )
    : drawn;
}
