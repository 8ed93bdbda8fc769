/**
 * A list of rows as a treegrid: one tab stop, arrows move, Right and Left open and close details.
 *
 * A long list draws the rows in sight alone.
 */
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import * as React from 'react';
import { nextRow } from './roving';
import { IRow, Row } from './rows';

export interface IRowListProps<T> {
  label: string;
  items: readonly T[];
  idOf(item: T): string;
  nameOf(item: T): string;
  rowOf(item: T): IRow;
  /** Enter, or a double click. */
  onOpen?(id: string): void;
  /** Menu key, Shift F10 or right click. */
  onMenu?(id: string, anchor: Element, event?: React.MouseEvent): void;
  /** Delete. */
  onDelete?(id: string): void;
  /** The end of the list has come into sight. */
  onEnd?(): void;
}

/** Rows that are there already, as short lists have them. */
export function Rows(
  props: Omit<IRowListProps<IRow>, 'items' | 'idOf' | 'nameOf' | 'rowOf'> & {
    rows: readonly IRow[];
  }
): JSX.Element {
  const { rows, ...rest } = props;
  return (
    <RowList<IRow>
      {...rest}
      items={rows}
      idOf={row => row.id}
      nameOf={row => row.name}
      rowOf={row => row}
    />
  );
}

/** More rows than this are drawn as they come into sight. */
const MANY = 60;
/** Pixels of a row before it was measured, at a font size of 13. */
const ROW_HEIGHT = 40;

export function RowList<T>(props: IRowListProps<T>): JSX.Element {
  const { items, idOf, rowOf } = props;
  const [current, setCurrent] = React.useState('');
  const [opened, setOpened] = React.useState<ReadonlySet<string>>(new Set());
  const grid = React.useRef<HTMLDivElement>(null);
  const wanted = React.useRef('');
  const at = current ? items.findIndex(item => idOf(item) === current) : -1;
  const stop = Math.max(0, at);
  const isLong = items.length > MANY;
  const virtual = useRowsInSight(grid, isLong ? items.length : 0, stop, index =>
    idOf(items[index] as T)
  );

  React.useLayoutEffect(() => {
    // A row that was out of sight is there one drawing later.
    const row = wanted.current && rowElement(grid.current, wanted.current);
    if (row) {
      wanted.current = '';
      row.focus({ preventScroll: isLong });
    }
  });
  React.useEffect(() => {
    rowElement(grid.current, current)?.scrollIntoView({ block: 'nearest' });
    // Only when a row was opened or closed: moving scrolls by itself.
  }, [opened]);
  const inSight = virtual.getVirtualItems();
  const last = inSight[inSight.length - 1]?.index;
  React.useEffect(() => {
    if (last === items.length - 1) {
      props.onEnd?.();
    }
  }, [last, items.length]);

  const focus = (id: string) => {
    const row = rowElement(grid.current, id);
    if (row) {
      row.focus({ preventScroll: isLong });
    } else {
      wanted.current = id;
    }
    setCurrent(id);
    if (isLong) {
      virtual.scrollToIndex(items.findIndex(item => idOf(item) === id));
    }
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
    const isInside = event.target !== event.currentTarget;
    if (isInside || !onKey(event, row, { ...props, open, focus })) {
      return; // a control inside the row has the key, or nobody
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const draw = (index: number, placed?: React.CSSProperties) => {
    const row = rowOf(items[index] as T);
    return (
      <Row
        key={row.id}
        row={row}
        index={isLong ? index : undefined}
        style={placed}
        rowRef={isLong ? virtual.measureElement : undefined}
        isStop={index === stop}
        isSelected={row.id === current}
        isOpen={opened.has(row.id)}
        onKeyDown={event => onKeyDown(event, row)}
        onFocus={() => setCurrent(row.id)}
        onToggle={() => open(row.id, !opened.has(row.id))}
        onOpen={() => props.onOpen?.(row.id)}
        onMenu={event => props.onMenu?.(row.id, event.currentTarget, event)}
      />
    );
  };
  const margin = virtual.options.scrollMargin;
  return (
    <div
      ref={grid}
      className={isLong ? 'aml-list aml-long' : 'aml-list'}
      role="treegrid"
      aria-label={props.label}
      aria-rowcount={isLong ? items.length : undefined}
      style={isLong ? { height: virtual.getTotalSize() } : undefined}
    >
      {isLong
        ? inSight.map(({ index, start }) =>
            draw(index, { transform: `translateY(${start - margin}px)` })
          )
        : items.map((_, index) => draw(index))}
    </div>
  );
}

/** The rows near the window of the panel's body, and always the one that takes the focus. */
function useRowsInSight(
  grid: React.RefObject<HTMLElement>,
  count: number,
  stop: number,
  keyOf: (index: number) => string
) {
  const [margin, setMargin] = React.useState(0);
  React.useLayoutEffect(() => {
    // What stands above the list moves it; both are inside the same scrolling body.
    setMargin(count ? (grid.current?.offsetTop ?? 0) : 0);
  });
  return useVirtualizer<HTMLElement, HTMLDivElement>({
    count,
    getScrollElement: () => grid.current?.closest('.aml-body') ?? null,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: keyOf,
    overscan: 8,
    scrollMargin: margin,
    rangeExtractor: range => {
      const indexes = new Set(defaultRangeExtractor(range));
      indexes.add(Math.min(stop, count - 1));
      return Array.from(indexes).sort((a, b) => a - b);
    }
  });
}

function rowElement(grid: HTMLElement | null, id: string): HTMLElement | null {
  return grid?.querySelector(`[data-row="${CSS.escape(id)}"]`) ?? null;
}

/** Whether a key on a row did something. */
function onKey<T>(
  event: React.KeyboardEvent,
  row: IRow,
  props: IRowListProps<T> & {
    open(id: string, isOpen: boolean): void;
    focus(id: string): void;
  }
): boolean {
  const anchor = event.currentTarget;
  const { key } = event;
  if (key === 'ContextMenu' || (key === 'F10' && event.shiftKey)) {
    props.onMenu?.(row.id, anchor);
  } else if (event.altKey || event.ctrlKey || event.metaKey) {
    return false;
  } else if (key === 'Enter') {
    props.onOpen?.(row.id);
  } else if (key === ' ') {
    act(row, anchor, props.open);
  } else if (key === 'ArrowRight' || key === 'ArrowLeft') {
    // "Right" opens in the direction of the text.
    const isBack = getComputedStyle(anchor).direction === 'rtl';
    props.open(row.id, (key === 'ArrowRight') !== isBack && !!row.details);
  } else if (key === 'Delete') {
    props.onDelete?.(row.id);
  } else {
    const named = props.items.map(item => ({
      id: props.idOf(item),
      name: props.nameOf(item)
    }));
    const next = nextRow(named, row.id, key);
    if (next === null) {
      return false;
    }
    props.focus(next);
  }
  return true;
}

function act(
  row: IRow,
  anchor: Element,
  open: (id: string, isOpen: boolean) => void
): void {
  const { action } = row;
  if (!action || action.whyNot) {
    return;
  }
  if (action.run) {
    action.run(anchor);
  } else {
    open(row.id, true);
  }
}
