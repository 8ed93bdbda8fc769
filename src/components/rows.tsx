/** One row of a list: shape, name, one number, state word, one action; and its details. */
import * as React from 'react';
import type { Glyph } from '../glyphs';
import type { IState } from '../status';
import { IconButton, StateShape, TextButton } from './controls';

export interface IRowAction {
  /** A glyph for a bare action; without one the label is drawn as a button. */
  glyph?: Glyph;
  label: string;
  /** Why it cannot be done now; it is then disabled, and says so. */
  whyNot?: string;
  /** What it does; without it the action opens the row's details. */
  run?(anchor: Element): void;
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

export interface IRowProps {
  row: IRow;
  /** Place in the whole list, from 0; told where not all rows are in the page. */
  index?: number;
  style?: React.CSSProperties;
  rowRef?: React.Ref<HTMLDivElement>;
  isStop: boolean;
  isSelected: boolean;
  isOpen: boolean;
  onKeyDown(event: React.KeyboardEvent): void;
  onFocus(): void;
  onToggle(): void;
  onOpen(): void;
  onMenu(event: React.MouseEvent): void;
}

export function Row(props: IRowProps): JSX.Element {
  const { row, isOpen, index } = props;
  const classes = ['aml-row'];
  if (row.isShort) {
    classes.push('one');
  }
  if (row.isFailed || (row.action && !row.action.glyph)) {
    classes.push('fix'); // a button with words needs room
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
      ref={props.rowRef}
      className={classes.join(' ')}
      style={props.style}
      role="row"
      data-row={row.id}
      data-index={index}
      aria-level={1}
      aria-rowindex={index === undefined ? undefined : index + 1}
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
        {row.isShort && (
          <span className="s ell" title={titleOf(row.detail)}>
            {row.detail}
          </span>
        )}
      </span>
      {row.value !== undefined && (
        <span className="v" role="gridcell">
          {row.value}
        </span>
      )}
      {!row.isShort && (
        <span className="d" role="gridcell">
          <span className="w">{row.state.word}</span>
          {row.detail && (
            <span className="ell" title={titleOf(row.detail)}>
              {row.detail}
            </span>
          )}
        </span>
      )}
      {typeof row.progress === 'number' && (
        <span className="p" role="gridcell">
          <progress max={1} value={row.progress} aria-label={row.name} />
        </span>
      )}
      {row.action && (
        <span className="x" role="gridcell">
          <ActionButton action={row.action} onToggle={props.onToggle} />
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

/** What may be cut can be read by pointing at it. */
function titleOf(detail: React.ReactNode): string | undefined {
  return typeof detail === 'string' ? detail : undefined;
}

/** Reached by Space on its row, so it is no tab stop of its own. */
function ActionButton(props: {
  action: IRowAction;
  onToggle(): void;
}): JSX.Element {
  const { glyph, label, whyNot, run } = props.action;
  const shared = {
    label: whyNot ? `${whyNot}: ${label}` : label,
    title: whyNot ?? label,
    disabled: Boolean(whyNot),
    tabIndex: -1,
    onClick: (event: React.MouseEvent) =>
      run ? run(event.currentTarget) : props.onToggle()
  };
  return glyph ? (
    <IconButton {...shared} glyph={glyph} />
  ) : (
    <TextButton {...shared} label={label} size="sm" />
  );
}
