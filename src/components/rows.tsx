/**
 * A list of rows as a treegrid: one tab stop, arrows move, Right and Left open and close details.
 */
import * as React from 'react';
import type { Glyph } from '../glyphs';
import type { IState } from '../status';
import { IconButton, StateShape, TextButton } from './controls';
import { nextRow } from './roving';

export interface IRowAction {
  /** A glyph for a bare action; without one the label is drawn as a button. */
  glyph?: Glyph;
  label: string;
  disabled?: boolean;
  run(anchor: Element): void;
}

export interface IRow {
  id: string;
  name: string;
  state: IState;
  /** The one number that matters. */
  value?: string;
  /** After the state word. */
  detail?: React.ReactNode;
  tag?: string;
  /** 0 to 1. */
  progress?: number | null;
  /** The row has failed: its cause gets the whole second line. */
  isFailed?: boolean;
  /** One line only: shape, name, detail, number, action. */
  isShort?: boolean;
  action?: IRowAction;
  /** Details, drawn below the row while it is open. */
  details?(): JSX.Element;
}

export interface IRowsProps {
  label: string;
  rows: readonly IRow[];
  /** Enter, or a double click. */
  onOpen?(id: string): void;
  /** Menu key, Shift F10 or right click. */
  onMenu?(id: string, anchor: Element, event?: React.MouseEvent): void;
  /** Delete. */
  onDelete?(id: string): void;
}

export function Rows(props: IRowsProps): JSX.Element {
  const { rows } = props;
  const [current, setCurrent] = React.useState('');
  const [opened, setOpened] = React.useState<ReadonlySet<string>>(new Set());
  const grid = React.useRef<HTMLDivElement>(null);
  const isKnown = rows.some(row => row.id === current);
  const stop = isKnown ? current : (rows[0]?.id ?? '');

  React.useEffect(() => {
    rowOf(grid.current, current)?.scrollIntoView({ block: 'nearest' });
    // Only when a row was opened or closed: moving scrolls by itself.
  }, [opened]);

  const focus = (id: string) => {
    setCurrent(id);
    rowOf(grid.current, id)?.focus();
  };
  const open = (id: string, isOpen: boolean) => {
    const copy = new Set(opened);
    if (isOpen) {
      copy.add(id);
    } else {
      copy.delete(id);
    }
    setOpened(copy);
  };
  const onKeyDown = (event: React.KeyboardEvent, row: IRow) => {
    if (event.target !== event.currentTarget) {
      return; // a control inside the row has the key
    }
    const anchor = event.currentTarget;
    const isMenu =
      event.key === 'ContextMenu' || (event.key === 'F10' && event.shiftKey);
    if (isMenu) {
      props.onMenu?.(row.id, anchor);
    } else if (event.altKey || event.ctrlKey || event.metaKey) {
      return;
    } else if (event.key === 'Enter') {
      props.onOpen?.(row.id);
    } else if (event.key === ' ') {
      if (row.action && !row.action.disabled) {
        row.action.run(anchor);
      }
    } else if (event.key === 'ArrowRight') {
      open(row.id, Boolean(row.details));
    } else if (event.key === 'ArrowLeft') {
      open(row.id, false);
    } else if (event.key === 'Delete') {
      props.onDelete?.(row.id);
    } else {
      const next = nextRow(rows, row.id, event.key);
      if (next === null) {
        return;
      }
      focus(next);
    }
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div
      ref={grid}
      className="aml-list"
      role="treegrid"
      aria-label={props.label}
    >
      {rows.map(row => (
        <Row
          key={row.id}
          row={row}
          isStop={row.id === stop}
          isSelected={row.id === current}
          isOpen={opened.has(row.id)}
          onKeyDown={event => onKeyDown(event, row)}
          onFocus={() => setCurrent(row.id)}
          onToggle={() => open(row.id, !opened.has(row.id))}
          onOpen={() => props.onOpen?.(row.id)}
          onMenu={event => props.onMenu?.(row.id, event.currentTarget, event)}
        />
      ))}
    </div>
  );
}

function rowOf(grid: HTMLElement | null, id: string): HTMLElement | null {
  return grid?.querySelector(`[data-row="${CSS.escape(id)}"]`) ?? null;
}

interface IOneRowProps {
  row: IRow;
  isStop: boolean;
  isSelected: boolean;
  isOpen: boolean;
  onKeyDown(event: React.KeyboardEvent): void;
  onFocus(): void;
  onToggle(): void;
  onOpen(): void;
  onMenu(event: React.MouseEvent): void;
}

function Row(props: IOneRowProps): JSX.Element {
  const { row, isOpen } = props;
  const classes = ['aml-row'];
  if (row.isShort) {
    classes.push('one');
  }
  if (row.isFailed) {
    classes.push('fix');
  }
  const onClick = (event: React.MouseEvent) => {
    if (!(event.target as Element).closest('button, a, .e')) {
      props.onToggle();
    }
  };
  const onMenu = (event: React.MouseEvent) => {
    event.preventDefault();
    event.stopPropagation();
    props.onMenu(event);
  };
  return (
    <div
      className={classes.join(' ')}
      role="row"
      data-row={row.id}
      aria-level={1}
      aria-selected={props.isSelected}
      aria-expanded={row.details ? isOpen : undefined}
      tabIndex={props.isStop ? 0 : -1}
      onKeyDown={props.onKeyDown}
      onFocus={props.onFocus}
      onClick={onClick}
      onDoubleClick={props.onOpen}
      onContextMenu={onMenu}
    >
      <StateShape shape={row.state.shape} />
      <span className="a" role="gridcell">
        <span className="ell" title={row.name}>
          {row.name}
        </span>
        {row.tag && <span className="badge aml-opt">{row.tag}</span>}
        {row.isShort && <span className="s ell">{row.detail}</span>}
      </span>
      {row.value !== undefined && (
        <span className="v" role="gridcell">
          {row.value}
        </span>
      )}
      {!row.isShort && (
        <span className="d" role="gridcell">
          <span className="w">{row.state.word}</span>
          {row.detail && <span className="ell">{row.detail}</span>}
        </span>
      )}
      {typeof row.progress === 'number' && (
        <span className="p" role="gridcell">
          <progress max={1} value={row.progress} aria-label={row.name} />
        </span>
      )}
      {row.action && (
        <span className="x" role="gridcell">
          <ActionButton action={row.action} />
        </span>
      )}
      {isOpen && row.details && (
        <span className="e" role="gridcell">
          {row.details()}
        </span>
      )}
    </div>
  );
}

/** Reached by Space on its row, so it is no tab stop of its own. */
function ActionButton(props: { action: IRowAction }): JSX.Element {
  const { glyph, label, disabled, run } = props.action;
  const onClick = (event: React.MouseEvent) => run(event.currentTarget);
  return glyph ? (
    <IconButton {...{ glyph, label, disabled, onClick }} tabIndex={-1} />
  ) : (
    <TextButton {...{ label, disabled, onClick }} size="sm" tabIndex={-1} />
  );
}
