import { useVirtualizer } from '@tanstack/react-virtual';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { ILogLine, LogLines } from '../log';
import {
  followsAfter,
  IScroll,
  LogSelection,
  splitHits
} from '../logselection';
import { bytes, clock } from '../words';
import { StateShape } from './controls';
import { LogBar } from './logbar';

export interface ILogViewProps {
  log: LogLines;
  /** Name of the file that a download makes. */
  name: string;
  /** Whether more may come. */
  isLive: boolean;
  trans: TranslationBundle;
}

/** With more lines than this the log is drawn less often: what is new is out of sight anyway. */
const MANY = 50_000;
const MANY_MS = 250;

const CLASSES = { stdout: '', stderr: 'se', system: 'sy', error: 'er' };

/**
 * The log, following its end until somebody scrolls up.
 *
 * Only what is in sight is in the page: a job may have printed a million lines.
 */
export function LogView(props: ILogViewProps): JSX.Element {
  const { log, trans, isLive } = props;
  const [source, setSource] = React.useState('all');
  const [query, setQuery] = React.useState('');
  const [hit, setHit] = React.useState(-1);
  const [wraps, setWraps] = React.useState(false);
  const selection = React.useMemo(
    () => new LogSelection(log, source, query),
    [log, source, query]
  );
  useLineCount(log, selection);
  const list = useLogList(selection, wraps);
  const { follow } = list;
  const search = React.useRef<HTMLInputElement>(null);

  const show = (index: number) => {
    const place = selection.hits[index];
    if (place !== undefined) {
      setHit(place);
      follow.set(false);
      list.virtual.scrollToIndex(place, { align: 'center' });
    }
  };
  const step = (by: number) => {
    const { hits } = selection;
    const at = hits.indexOf(hit);
    const next = at < 0 ? (by > 0 ? 0 : hits.length - 1) : at + by;
    show((next + hits.length) % (hits.length || 1));
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 'f') {
      search.current?.focus();
    } else if (event.key === 'F3') {
      step(event.shiftKey ? -1 : 1);
    } else {
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div className="aml-logbox" onKeyDown={onKeyDown}>
      <LogBar
        {...{ log, selection, trans, source, query, wraps, isLive }}
        name={props.name}
        searchRef={search}
        hit={selection.hits.indexOf(hit)}
        isFollowing={follow.is}
        inSight={() => list.virtual.getVirtualItems().map(one => one.index)}
        onSource={setSource}
        onQuery={text => {
          setQuery(text);
          setHit(-1);
        }}
        onStep={step}
        onWrap={setWraps}
        onFollow={follow.set}
      />
      <LogList {...{ list, selection, query, wraps, hit, trans }} />
      <div className="fx s aml-logfoot" role="status">
        {isLive && <StateShape shape="running" size={12} />}
        <span>{footer(props, follow.is)}</span>
        <span className="grow" />
        <span className="num">
          {trans._n(
            '%1 line, %2',
            '%1 lines, %2',
            log.lines.length + log.dropped,
            bytes(log.size)
          )}
        </span>
      </div>
    </div>
  );
}

/** Draw again when lines came, at a pace that leaves time for the rest of the page. */
function useLineCount(log: LogLines, selection: LogSelection): void {
  const [, redraw] = React.useReducer((count: number) => count + 1, 0);
  const drawn = React.useRef(0);
  const isMany = log.lines.length > MANY;
  const isDue = !isMany || Date.now() - drawn.current >= MANY_MS;
  if (isDue) {
    selection.update();
    drawn.current = Date.now();
  }
  React.useEffect(() => {
    if (isDue) {
      return;
    }
    const timer = window.setTimeout(redraw, MANY_MS);
    return () => window.clearTimeout(timer);
  });
}

type LogListState = ReturnType<typeof useLogList>;

/** The lines in sight, and whether the end is followed. */
function useLogList(selection: LogSelection, wraps: boolean) {
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
  /** A key or wheel that moves up says so before the box has moved. */
  const onIntent = (isUp: boolean) => {
    if (isUp) {
      set(false);
    }
  };
  return {
    box,
    virtual,
    total,
    onScroll,
    onIntent,
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

const UP = new Set(['Home', 'PageUp', 'ArrowUp']);

function LogList(props: {
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
      onWheel={event => list.onIntent(event.deltaY < 0)}
      onKeyDown={event => {
        if (event.key === 'End') {
          list.follow.set(true);
        } else {
          list.onIntent(UP.has(event.key));
        }
      }}
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

function footer(props: ILogViewProps, isFollowing: boolean): string {
  const { trans, log, isLive } = props;
  if (!log.lines.length) {
    return isLive ? trans.__('Nothing written yet.') : trans.__('No output.');
  }
  const kept = log.dropped
    ? trans.__('The first %1 lines are not shown here.', log.dropped)
    : '';
  if (!isLive) {
    return kept || trans.__('The end.');
  }
  return isFollowing
    ? trans.__('Following the end. Scroll up to pause.')
    : trans.__('Paused. Press End to follow.');
}
