import * as React from 'react';
import type { ISeries } from '../metrics';
import { domainOf, labelHeights, lineOf, scale } from '../plotmath';

export interface IPlotProps {
  series: readonly ISeries[];
  /** One sentence that says what is to be seen. */
  summary: string;
  width?: number;
  height?: number;
  /** The values that the axis covers, where they are known before. */
  domain?: readonly [number, number];
  isLog?: boolean;
  /** An axis of steps below; else the plot is a bare curve over time. */
  hasSteps?: boolean;
  format?(value: number): string;
}

const LINES = ['l1', 'l2', 'l3'];
const LABEL_PX = 13;
const LETTER_PX = 6;

/** A small plot: thin lines, their names at their ends, nothing that is not needed to read it. */
export function Plot(props: IPlotProps): JSX.Element {
  const { series, hasSteps, isLog = false, width = 300 } = props;
  const height = props.height ?? (hasSteps ? 110 : 64);
  const format = props.format ?? compact;
  const points = series.flatMap(one => one.points);
  const xs = points.map(point => point.x);
  const isNamed = series.length > 1 || hasSteps;
  const longest = Math.max(
    0,
    ...series.map(({ name, points }) => {
      const last = points[points.length - 1];
      return last ? `${name} ${format(last.y)}`.length : 0;
    })
  );
  const box = {
    left: 38,
    right: isNamed ? 12 + LETTER_PX * longest : 6,
    top: 8,
    bottom: hasSteps ? 20 : 8
  };
  const domain = domainOf(points, isLog, props.domain);
  const y = scale(domain, [height - box.bottom, box.top], 3, isLog);
  const marks = hasSteps ? y.ticks : domain;
  const x = scale(
    [Math.min(...xs, Infinity), Math.max(...xs, -Infinity)],
    [box.left, width - box.right],
    4
  );
  const ends = series.map(one => one.points[one.points.length - 1]);
  const heights = labelHeights(
    ends.map(end => (end ? y(end.y) : 0)),
    LABEL_PX,
    height - box.bottom
  );
  return (
    <svg
      className="plot"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={props.summary}
    >
      {marks.map(tick => (
        <React.Fragment key={tick}>
          <line
            className="g"
            x1={box.left}
            x2={width - box.right}
            y1={y(tick)}
            y2={y(tick)}
          />
          <text x={box.left - 6} y={y(tick) + 4} textAnchor="end">
            {format(tick)}
          </text>
        </React.Fragment>
      ))}
      {hasSteps &&
        x.ticks.filter(Number.isInteger).map(tick => (
          <text key={tick} x={x(tick)} y={height - 4} textAnchor="middle">
            {tick}
          </text>
        ))}
      {series.map((one, index) => (
        <polyline
          key={one.name}
          className={LINES[index % LINES.length]}
          points={lineOf(one.points, x, y)}
        />
      ))}
      {ends.map(
        (end, index) =>
          end && (
            <React.Fragment key={index}>
              <circle
                className={`dot ${LINES[index % LINES.length]}`}
                cx={x(end.x)}
                cy={y(end.y)}
                r={2.5}
              />
              {isNamed && (
                <text
                  className="lab"
                  x={x(end.x) + 7}
                  y={(heights[index] ?? 0) + 4}
                >
                  {series[index]?.name} {format(end.y)}
                </text>
              )}
            </React.Fragment>
          )
      )}
    </svg>
  );
}

/** 0.71, 113, 1.2e-5: as many digits as say something. */
export function compact(value: number): string {
  const size = Math.abs(value);
  if (size !== 0 && (size < 0.001 || size >= 1e6)) {
    return value.toExponential(1);
  }
  return String(Number(value.toPrecision(3)));
}
