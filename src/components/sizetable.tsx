import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { VmSize } from '../wire';
import { gpuWords, money, sizeName } from '../words';
import { Fact } from './message';
import { LinkButton } from './controls';

export interface ISizeTableProps {
  sizes: readonly VmSize[];
  selected: string;
  isLowPriority: boolean;
  trans: TranslationBundle;
  onSelect(name: string): void;
  /** Enter on a row. */
  onCommit(): void;
}

/**
 * Sizes as a grid of rows: arrows move, and choose what can be had.
 *
 * Rows that cannot be had stay reachable and say why.
 */
export function SizeTable(props: ISizeTableProps): JSX.Element {
  const { sizes, selected, trans } = props;
  const body = React.useRef<HTMLTableSectionElement>(null);
  const [current, setCurrent] = React.useState(selected);
  const stop = sizes.some(size => size.name === current)
    ? current
    : (sizes.find(size => size.name === selected)?.name ?? sizes[0]?.name);

  React.useEffect(() => {
    const row = rowOf(body.current, selected);
    row?.scrollIntoView({ block: 'nearest' });
  }, [selected]);

  const go = (index: number) => {
    const size = sizes[Math.max(0, Math.min(sizes.length - 1, index))];
    if (!size) {
      return;
    }
    setCurrent(size.name);
    rowOf(body.current, size.name)?.focus();
    if (size.available) {
      props.onSelect(size.name);
    }
  };
  const onKeyDown = (event: React.KeyboardEvent, index: number) => {
    const moves: Record<string, number> = {
      ArrowDown: index + 1,
      ArrowUp: index - 1,
      PageDown: index + 10,
      PageUp: index - 10,
      Home: 0,
      End: sizes.length - 1
    };
    const target = moves[event.key];
    if (target !== undefined) {
      go(target);
    } else if (event.key === ' ') {
      go(index);
    } else if (event.key === 'Enter') {
      props.onCommit();
    } else {
      return;
    }
    event.preventDefault();
  };

  return (
    <div className="aml-sizes">
      <table role="grid" aria-label={trans.__('Sizes')}>
        <thead>
          <tr>
            <th />
            <th>{trans.__('Size')}</th>
            <th className="r">{trans.__('Cores')}</th>
            <th className="r">{trans.__('Memory')}</th>
            <th>{trans.__('GPU')}</th>
            <th className="r">{trans.__('$ per hour')}</th>
            <th className="r">{trans.__('Low pri. (est.)')}</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {sizes.map((size, index) => (
            <SizeRow
              key={size.name}
              size={size}
              isSelected={size.name === selected}
              isStop={size.name === stop}
              trans={trans}
              onKeyDown={event => onKeyDown(event, index)}
              onClick={() => go(index)}
              onNearest={() => props.onSelect(size.nearest)}
            />
          ))}
        </tbody>
      </table>
      {!sizes.length && (
        <p className="aml-empty s">{trans.__('No size matches.')}</p>
      )}
    </div>
  );
}

function rowOf(
  body: HTMLElement | null,
  name: string
): HTMLElement | null | undefined {
  return body?.querySelector<HTMLElement>(`[data-size="${CSS.escape(name)}"]`);
}

interface ISizeRowProps {
  size: VmSize;
  isSelected: boolean;
  isStop: boolean;
  trans: TranslationBundle;
  onKeyDown(event: React.KeyboardEvent): void;
  onClick(): void;
  onNearest(): void;
}

function SizeRow(props: ISizeRowProps): JSX.Element {
  const { size, isSelected, trans } = props;
  const why = `aml-why-${size.name}`;
  const classes = [
    isSelected && 'sel',
    !size.available && 'off',
    size.reason && 'nb'
  ]
    .filter(Boolean)
    .join(' ');
  const price = (value: number | null) =>
    value === null ? trans.__('free') : money(value, 3);
  return (
    <>
      <tr
        className={classes}
        data-size={size.name}
        aria-selected={isSelected}
        aria-disabled={!size.available}
        aria-describedby={size.reason ? why : undefined}
        tabIndex={props.isStop ? 0 : -1}
        onKeyDown={props.onKeyDown}
        onClick={props.onClick}
      >
        <td className="radio">
          <input
            type="radio"
            tabIndex={-1}
            checked={isSelected}
            disabled={!size.available}
            readOnly
            aria-label={size.name}
          />
        </td>
        <td>{sizeName(size.name)}</td>
        <td className="r">{size.vcpus}</td>
        <td className="r">{trans.__('%1 GB', size.memoryGb)}</td>
        <td>{gpuWords(size)}</td>
        <td className="r">{price(size.pricePerHour)}</td>
        <td className="r">
          {size.lowPriorityPricePerHour === null
            ? '–'
            : money(size.lowPriorityPricePerHour, 3)}
        </td>
      </tr>
      {size.reason && (
        <tr className={`why ${isSelected ? 'sel' : 'off'}`}>
          <td />
          <td colSpan={6} id={why}>
            <span className="fx">
              {size.available ? (
                <span className="s">{size.reason}</span>
              ) : (
                <Fact glyph="lock">{size.reason}</Fact>
              )}
              {size.nearest && (
                <span className="s">
                  {trans.__('Nearest:')}{' '}
                  <LinkButton
                    label={sizeName(size.nearest)}
                    onClick={props.onNearest}
                  />
                </span>
              )}
            </span>
          </td>
        </tr>
      )}
    </>
  );
}
