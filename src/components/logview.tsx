import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { LogLines } from '../log';
import { LogSelection } from '../logselection';
import { bytes } from '../words';
import { StateShape } from './controls';
import { LogBar } from './logbar';
import { LogList, useLogList } from './loglist';

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
      <div className="fx s aml-logfoot">
        {isLive && <StateShape shape="running" size={12} />}
        <span role="status">{footer(props, follow.is)}</span>
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
