import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { ILogLine } from '../log';
import { clock } from '../words';

export interface ILogViewProps {
  lines: readonly ILogLine[];
  /** Number of the first line, less one. */
  dropped: number;
  /** Whether more may come. */
  isLive: boolean;
  trans: TranslationBundle;
}

/** Height of a line is that of its font, so that only the lines in sight need be drawn. */
const OVERSCAN = 20;

/**
 * The log, following its end until somebody scrolls up.
 *
 * Only what is in sight is in the page: a job may have printed a million lines.
 */
export function LogView(props: ILogViewProps): JSX.Element {
  const { lines, trans } = props;
  const box = React.useRef<HTMLDivElement>(null);
  const [lineHeight, setLineHeight] = React.useState(18);
  const [isFollowing, setFollowing] = React.useState(true);
  const [view, setView] = React.useState({ top: 0, height: 600 });

  React.useLayoutEffect(() => {
    const node = box.current;
    if (!node) {
      return;
    }
    const measure = () => {
      const height = parseFloat(getComputedStyle(node).lineHeight);
      setLineHeight(height > 0 ? height : 18);
      setView({ top: node.scrollTop, height: node.clientHeight });
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    return () => observer.disconnect();
  }, []);

  React.useLayoutEffect(() => {
    if (isFollowing && box.current) {
      box.current.scrollTop = box.current.scrollHeight;
    }
  }, [isFollowing, lines.length, props.dropped, view.height]);

  const onScroll = () => {
    const node = box.current;
    if (node) {
      const below = node.scrollHeight - node.scrollTop - node.clientHeight;
      setFollowing(below < lineHeight);
      setView({ top: node.scrollTop, height: node.clientHeight });
    }
  };
  const first = Math.max(0, Math.floor(view.top / lineHeight) - OVERSCAN);
  const count = Math.ceil(view.height / lineHeight) + 2 * OVERSCAN;
  const shown = lines.slice(first, first + count);
  const after = Math.max(0, lines.length - first - shown.length);
  return (
    <div className="aml-logbox">
      <div className="fx aml-logbar">
        <span className="s num" role="status">
          {trans._n('%1 line', '%1 lines', lines.length + props.dropped)}
        </span>
        <span className="grow" />
        <label className="chk">
          <input
            type="checkbox"
            checked={isFollowing}
            onChange={event => setFollowing(event.target.checked)}
          />
          {trans.__('Follow')}
        </label>
      </div>
      <div
        ref={box}
        className="aml-log"
        role="log"
        aria-live="off"
        aria-label={trans.__('Log')}
        tabIndex={0}
        onScroll={onScroll}
      >
        <div style={{ height: first * lineHeight }} className="gap" />
        {shown.map((line, index) => (
          <Line
            key={first + index}
            line={line}
            number={props.dropped + first + index + 1}
          />
        ))}
        <div style={{ height: after * lineHeight }} className="gap" />
      </div>
      <div className="fx s aml-logfoot" role="status">
        {footer(props, isFollowing)}
      </div>
    </div>
  );
}

function footer(props: ILogViewProps, isFollowing: boolean): string {
  const { trans, lines, isLive, dropped } = props;
  if (!lines.length) {
    return isLive ? trans.__('Nothing written yet.') : trans.__('No output.');
  }
  const kept = dropped
    ? trans.__('The first %1 lines are not shown here.', dropped)
    : '';
  if (!isLive) {
    return kept || trans.__('The end.');
  }
  return isFollowing
    ? trans.__('Following the end. Scroll up to pause.')
    : trans.__('Paused. Press End to follow.');
}

function Line(props: { line: ILogLine; number: number }): JSX.Element {
  const { line, number } = props;
  const classes = { stdout: '', stderr: 'se', system: 'sy', error: 'er' };
  return (
    <div className={classes[line.source]}>
      <i>{number}</i>
      <i>{clock(line.time)}</i>
      <span>{line.text || ' '}</span>
    </div>
  );
}
