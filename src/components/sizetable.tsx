import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { IQuota } from '../sizes';
import type { VmSize } from '../wire';
import type { ISizeFacts } from './newcompute';
import { SizeRow } from './sizerow';

export interface ISizeTableProps {
  sizes: readonly VmSize[];
  selected: string;
  isLowPriority: boolean;
  facts: Pick<ISizeFacts, 'usage' | 'starts' | 'recommended'>;
  trans: TranslationBundle;
  onSelect(name: string): void;
  /** Enter on a row. */
  onCommit(): void;
  onAskQuota(quota: IQuota, size: VmSize): void;
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
    if (event.target !== event.currentTarget) {
      return; // a link inside the row has the key
    }
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
            <th>
              <span className="aml-said">{trans.__('Chosen')}</span>
            </th>
            <th>{trans.__('Size')}</th>
            <th className="r">{trans.__('vCPU')}</th>
            <th className="r">{trans.__('Memory')}</th>
            <th>{trans.__('GPU')}</th>
            <th className="r">{trans.__('$ per hour')}</th>
            <th className="r">{trans.__('Low pri. (est.)')}</th>
            <th>{trans.__('Cores left')}</th>
            <th className="r">{trans.__('Usual start')}</th>
          </tr>
        </thead>
        <tbody ref={body}>
          {sizes.map((size, index) => (
            <SizeRow
              key={size.name}
              size={size}
              isSelected={size.name === selected}
              isStop={size.name === stop}
              isLowPriority={props.isLowPriority}
              facts={props.facts}
              trans={trans}
              onKeyDown={event => onKeyDown(event, index)}
              onClick={() => go(index)}
              onAskQuota={props.onAskQuota}
              onNearest={() => {
                props.onSelect(size.nearest);
                setCurrent(size.nearest);
                rowOf(body.current, size.nearest)?.focus();
              }}
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
