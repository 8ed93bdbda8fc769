import { Clipboard } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { LogLines } from '../log';
import type { LogSelection, LogSource } from '../logselection';
import { saveText } from '../save';
import { IconButton } from './controls';

export interface ILogBarProps {
  log: LogLines;
  selection: LogSelection;
  name: string;
  source: LogSource;
  query: string;
  /** Which hit is shown, from 0; -1 for none. */
  hit: number;
  wraps: boolean;
  isLive: boolean;
  isFollowing: boolean;
  searchRef: React.Ref<HTMLInputElement>;
  trans: TranslationBundle;
  /** Places of the lines in sight. */
  inSight(): number[];
  onSource(source: LogSource): void;
  onQuery(query: string): void;
  onStep(by: number): void;
  onWrap(wraps: boolean): void;
  onFollow(follows: boolean): void;
}

/** Typing is not searched letter by letter: a long log takes a moment. */
const PAUSE_MS = 150;

export function LogBar(props: ILogBarProps): JSX.Element {
  const { trans, log, selection, isLive } = props;
  const text = (places: Iterable<number>) =>
    Array.from(places, place => selection.at(place)?.text ?? '').join('\n');
  const all = () => Array.from({ length: selection.count }, (_, at) => at);
  return (
    <div className="fx aml-logbar">
      <LogSearch {...props} />
      <label className="fx4 s">
        {trans.__('Source')}
        <select
          value={props.source}
          onChange={event => props.onSource(event.target.value)}
        >
          {sourcesOf(log, trans).map(([value, label]) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <span className="grow" />
      {isLive && (
        <label className="chk">
          <input
            type="checkbox"
            checked={props.isFollowing}
            onChange={event => props.onFollow(event.target.checked)}
          />
          {trans.__('Follow')}
        </label>
      )}
      <label className="chk">
        <input
          type="checkbox"
          checked={props.wraps}
          onChange={event => props.onWrap(event.target.checked)}
        />
        {trans.__('Wrap')}
      </label>
      <IconButton
        glyph="copy"
        label={trans.__('Copy the lines in sight')}
        onClick={() => Clipboard.copyToSystem(text(props.inSight()))}
      />
      <IconButton
        glyph="download"
        label={trans.__('Download the log')}
        onClick={() => saveText(`${props.name}.log`, text(all()), 'text/plain')}
      />
    </div>
  );
}

function LogSearch(props: ILogBarProps): JSX.Element {
  const { trans, selection, hit } = props;
  const [typed, setTyped] = React.useState(props.query);
  React.useEffect(() => {
    const timer = window.setTimeout(() => {
      if (typed !== props.query) {
        props.onQuery(typed);
      }
    }, PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [typed]);
  const count = selection.hits.length;
  const words = !props.query
    ? ''
    : hit < 0
      ? trans._n('%1 hit', '%1 hits', count)
      : trans.__('%1 of %2', hit + 1, count);
  return (
    <>
      <input
        ref={props.searchRef}
        type="search"
        className="aml-search"
        value={typed}
        placeholder={trans.__('Search the log')}
        aria-label={trans.__('Search the log')}
        onChange={event => setTyped(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Enter') {
            props.onStep(event.shiftKey ? -1 : 1);
          }
        }}
      />
      <span className="s num" role="status">
        {words}
      </span>
      <IconButton
        glyph="arrowup"
        label={trans.__('Previous hit')}
        disabled={!count}
        onClick={() => props.onStep(-1)}
      />
      <IconButton
        glyph="arrowdown"
        label={trans.__('Next hit')}
        disabled={!count}
        onClick={() => props.onStep(1)}
      />
    </>
  );
}

function sourcesOf(
  log: LogLines,
  trans: TranslationBundle
): [LogSource, string][] {
  const nodes = Array.from(log.nodes).sort((one, other) => one - other);
  const ofNodes: [LogSource, string][] =
    nodes.length > 1
      ? nodes.map(node => [`node/${node}`, trans.__('node %1', node + 1)])
      : [];
  return [
    ['all', nodes.length > 1 ? trans.__('all nodes') : trans.__('all')],
    ...ofNodes,
    ['stdout', trans.__('printed')],
    ['stderr', trans.__('errors (stderr)')],
    ['system', trans.__('the service')]
  ];
}
