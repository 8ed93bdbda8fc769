import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import {
  Column,
  ISorting,
  isSameColumn,
  secondsOf,
  sortTrials
} from '../sweep';
import { trialState } from '../sweepwords';
import type { Trial, TrialList } from '../wire';
import { duration, elapsed } from '../words';
import { GlyphIcon, LinkButton, StateShape } from './controls';
import { compact } from './plot';

export interface ITrialTableProps {
  list: TrialList;
  parameters: readonly string[];
  /** The job of the trial that is looked at; "" for none. */
  chosen: string;
  now: number;
  trans: TranslationBundle;
  onChoose(job: string): void;
  onOpen(job: string): void;
}

/** More are drawn when they are asked for. */
const MOST = 200;

/** The trials as a grid: its head sorts, arrows move, Enter opens the trial's job. */
export function TrialTable(props: ITrialTableProps): JSX.Element {
  const { list, parameters, chosen, now, trans } = props;
  const body = React.useRef<HTMLTableSectionElement>(null);
  const [most, setMost] = React.useState(MOST);
  const [sorting, setSorting] = React.useState<ISorting>({
    column: { kind: 'number' },
    isDown: false
  });
  const sorted = sortTrials(list.value, sorting, now);
  const trials = sorted.slice(0, most);
  const stop = trials.some(trial => trial.job === chosen)
    ? chosen
    : trials[0]?.job;
  const onKeyDown = (event: React.KeyboardEvent, index: number) => {
    const moves: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: Math.min(trials.length - 1, index + 10),
      PageUp: Math.max(0, index - 10),
      Home: 0,
      End: trials.length - 1
    };
    const target = trials[moves[event.key] ?? -1];
    const here = trials[index];
    if (event.key === 'Enter' && here) {
      props.onOpen(here.job);
    } else if (target) {
      rowOf(body.current, target.job)?.focus();
    } else {
      return;
    }
    event.preventDefault();
  };
  const columns: [Column, string, boolean][] = [
    [{ kind: 'number' }, trans.__('Trial'), false],
    [{ kind: 'state' }, trans.__('State'), false],
    ...parameters.map((name): [Column, string, boolean] => [
      { kind: 'parameter', name },
      name,
      list.value.every(one => typeof one.parameters[name] === 'number')
    ]),
    [{ kind: 'metric' }, list.primaryMetric, true],
    [{ kind: 'time' }, trans.__('Time'), true]
  ];
  return (
    <div className="aml-scroll">
      <table
        role="grid"
        className="aml-trials"
        aria-label={trans.__('Trials')}
        aria-rowcount={sorted.length + 1}
      >
        <thead>
          <tr>
            {columns.map(([column, label, isNumber]) => (
              <SortHead
                key={`${column.kind} ${label}`}
                {...{ column, label, isNumber, sorting }}
                onSort={setSorting}
              />
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {trials.map((trial, index) => (
            <TrialRow
              key={trial.job}
              {...props}
              trial={trial}
              columns={columns}
              isStop={trial.job === stop}
              onKeyDown={event => onKeyDown(event, index)}
            />
          ))}
        </tbody>
      </table>
      {sorted.length > trials.length && (
        <p className="aml-more">
          <LinkButton
            label={trans._n(
              'Show %1 more trial',
              'Show %1 more trials',
              sorted.length - trials.length
            )}
            onClick={() => setMost(sorted.length)}
          />
        </p>
      )}
    </div>
  );
}

function SortHead(props: {
  column: Column;
  label: string;
  isNumber: boolean;
  sorting: ISorting;
  onSort(sorting: ISorting): void;
}): JSX.Element {
  const { column, sorting } = props;
  const isChosen = isSameColumn(column, sorting.column);
  const isDown = isChosen && !sorting.isDown;
  return (
    <th
      scope="col"
      className={props.isNumber ? 'r' : undefined}
      aria-sort={
        isChosen ? (sorting.isDown ? 'descending' : 'ascending') : undefined
      }
    >
      <button
        type="button"
        className="aml-sort"
        onClick={() => props.onSort({ column, isDown })}
      >
        {props.label}
        {isChosen && (
          <GlyphIcon
            glyph={sorting.isDown ? 'arrowdown' : 'arrowup'}
            size={12}
          />
        )}
      </button>
    </th>
  );
}

function TrialRow(
  props: ITrialTableProps & {
    trial: Trial;
    columns: readonly [Column, string, boolean][];
    isStop: boolean;
    onKeyDown(event: React.KeyboardEvent): void;
  }
): JSX.Element {
  const { trial, columns, chosen, trans } = props;
  const isChosen = trial.job === chosen;
  const why = trial.terminated || trial.cause;
  const state = trialState(trial, trans);
  const id = React.useId();
  return (
    <>
      <tr
        className={`${isChosen ? 'sel' : ''} ${why ? 'nb' : ''}`}
        data-trial={trial.job}
        aria-selected={isChosen}
        aria-describedby={why ? id : undefined}
        tabIndex={props.isStop ? 0 : -1}
        onFocus={() => props.onChoose(trial.job)}
        onClick={event => event.currentTarget.focus()}
        onDoubleClick={() => props.onOpen(trial.job)}
        onKeyDown={event =>
          event.target === event.currentTarget && props.onKeyDown(event)
        }
      >
        {columns.map(([column, label, isNumber]) => (
          <td
            key={`${column.kind} ${label}`}
            className={isNumber ? 'r' : undefined}
          >
            {column.kind === 'state' ? (
              <span className="state">
                <StateShape shape={state.shape} />
                {state.word}
              </span>
            ) : column.kind === 'number' ? (
              <TrialName {...props} />
            ) : (
              <Figure {...props} column={column} />
            )}
          </td>
        ))}
      </tr>
      {why && (
        <tr className={`why ${isChosen ? 'sel' : ''}`}>
          <td />
          <td id={id} colSpan={columns.length - 1}>
            {why}
          </td>
        </tr>
      )}
    </>
  );
}

/** Enter on its row does what the button does, so that it is no tab stop. */
function TrialName(props: ITrialTableProps & { trial: Trial }): JSX.Element {
  const { trial, trans } = props;
  return (
    <span className="fx4">
      <button
        type="button"
        className="lk"
        tabIndex={-1}
        onClick={() => props.onOpen(trial.job)}
      >
        {trans.__('Trial %1', trial.number)}
      </button>
      {trial.best && (
        <span className="badge">
          <GlyphIcon glyph="star" size={12} />
          {trans.__('best')}
        </span>
      )}
    </span>
  );
}

function Figure(
  props: ITrialTableProps & { trial: Trial; column: Column }
): JSX.Element {
  const { trial, column, now, trans } = props;
  if (column.kind === 'time') {
    const seconds = secondsOf(trial, now);
    return (
      <>
        {seconds === null
          ? '–'
          : trial.endedAt
            ? duration(seconds, trans)
            : elapsed(seconds)}
      </>
    );
  }
  const value =
    column.kind === 'parameter' ? trial.parameters[column.name] : trial.metric;
  return typeof value === 'number' ? (
    <span title={String(value)}>{compact(value)}</span>
  ) : (
    <>{value === undefined || value === null ? '–' : String(value)}</>
  );
}

function rowOf(body: HTMLElement | null, job: string): HTMLElement | null {
  return (
    body?.querySelector<HTMLElement>(`[data-trial="${CSS.escape(job)}"]`) ??
    null
  );
}
