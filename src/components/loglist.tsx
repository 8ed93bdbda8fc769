import { useVirtualizer } from '@tanstack/react-virtual';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { ILogLine } from '../log';
import {
  followsAfter,
  IScroll,
  LogSelection,
  splitHits
} from '../logselection';
import { clock } from '../words';

const CLASSES = { stdout: '', stderr: 'se', system: 'sy', error: 'er' };

type LogListState = ReturnType<typeof useLogList>;

/** The lines in sight, and whether the end is followed. */
export function useLogList(selection: LogSelection, wraps: boolean) {
  const box = React.useRef<HTMLDivElement>(null);
  const [lineHeight, setLineHeight] = React.useState(18);
  const [isFollowing, setFollowing] = React.useState(true);
  // What an event reads must be newer than the last drawing.
  const now = React.useRef({
    isFollowing,
    at: { top: 0, height: 0, content: 0 }
  });
  const virtual = useVirtualizer({
    count: selection.count,
    getScrollElement: () => box.current,
    estimateSize: () => lineHeight,
    overscan: 20
  });
  const total = virtual.getTotalSize();
  const set = (is: boolean) => {
    now.current.isFollowing = is;
    setFollowing(is);
  };
  const stick = () => {
    const node = box.current;
    if (node && now.current.isFollowing) {
      node.scrollTop = node.scrollHeight;
    }
    now.current.at = node ? standing(node) : now.current.at;
  };

  React.useLayoutEffect(() => {
    const node = box.current;
    if (!node) {
      return;
    }
    const measure = () => {
      const height = parseFloat(getComputedStyle(node).lineHeight);
      setLineHeight(height > 0 ? height : 18);
      stick();
    };
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(node);
    return () => observer.disconnect();
  }, []);
  React.useLayoutEffect(
    () => virtual.measure(),
    [lineHeight, wraps, selection]
  );
  React.useLayoutEffect(stick, [isFollowing, total]);

  const onScroll = () => {
    const node = box.current;
    if (node) {
      const at = standing(node);
      set(followsAfter(now.current.isFollowing, now.current.at, at));
      now.current.at = at;
    }
  };
  const onWheel = (event: React.WheelEvent) => {
    if (event.deltaY < 0) {
      set(false); // said before the box has moved
    }
  };
  /** Home and End go there at once: a browser's own slow way would be crossed by new lines. */
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Home' || event.key === 'End') {
      event.preventDefault();
      set(event.key === 'End');
      if (event.key === 'Home') {
        box.current?.scrollTo({ top: 0, behavior: 'instant' });
      } else {
        stick();
      }
    } else if (event.key === 'PageUp' || event.key === 'ArrowUp') {
      set(false);
    }
  };
  return {
    box,
    virtual,
    total,
    onScroll,
    onWheel,
    onKeyDown,
    follow: { is: isFollowing, set }
  };
}

function standing(node: HTMLElement): IScroll {
  return {
    top: node.scrollTop,
    height: node.clientHeight,
    content: node.scrollHeight
  };
}

/** The lines in sight, and room for the others. */
export function LogList(props: {
  list: LogListState;
  selection: LogSelection;
  query: string;
  wraps: boolean;
  hit: number;
  trans: TranslationBundle;
}): JSX.Element {
  const { list, selection, wraps, hit, trans } = props;
  const items = list.virtual.getVirtualItems();
  const first = items[0];
  const last = items[items.length - 1];
  return (
    <div
      ref={list.box}
      className={wraps ? 'aml-log wrap' : 'aml-log'}
      role="log"
      aria-live="off"
      aria-label={trans.__('Log')}
      tabIndex={0}
      onScroll={list.onScroll}
      onWheel={list.onWheel}
      onKeyDown={list.onKeyDown}
    >
      <div className="gap" style={{ height: first?.start ?? 0 }} />
      {items.map(({ index }) => (
        <Line
          key={index}
          place={index}
          line={selection.at(index)}
          number={selection.numberAt(index)}
          query={props.query}
          isHit={index === hit}
          measure={wraps ? list.virtual.measureElement : undefined}
        />
      ))}
      <div
        className="gap"
        style={{ height: Math.max(0, list.total - (last?.end ?? 0)) }}
      />
    </div>
  );
}

function Line(props: {
  place: number;
  line: ILogLine | undefined;
  number: number;
  query: string;
  isHit: boolean;
  measure: React.Ref<HTMLDivElement> | undefined;
}): JSX.Element | null {
  const { line, number, query, isHit } = props;
  if (!line) {
    return null;
  }
  const classes = [CLASSES[line.source], isHit && 'hit'].filter(Boolean);
  return (
    <div
      ref={props.measure}
      data-index={props.place}
      className={classes.join(' ') || undefined}
    >
      <i>{number}</i>
      <i>{clock(line.time)}</i>
      <span>
        {query
          ? splitHits(line.text, query).map((part, index) =>
              index % 2 ? <mark key={index}>{part}</mark> : part
            )
          : line.text || ' '}
      </span>
    </div>
  );
}
