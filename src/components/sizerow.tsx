/** One size: what it has, what it lists at, what is left of it, how soon it starts. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { IRecommendation, quotaOf } from '../sizes';
import { usualStart } from '../waitwords';
import type { VmSize } from '../wire';
import { bytes, gpuWords, money, sizeName } from '../words';
import { LinkButton } from './controls';
import { Fact } from './message';
import type { ISizeTableProps } from './sizetable';

export interface ISizeRowProps extends Pick<
  ISizeTableProps,
  'facts' | 'isLowPriority' | 'onAskQuota'
> {
  size: VmSize;
  isSelected: boolean;
  isStop: boolean;
  trans: TranslationBundle;
  onKeyDown(event: React.KeyboardEvent): void;
  onClick(): void;
  onNearest(): void;
}

export function SizeRow(props: ISizeRowProps): JSX.Element {
  const { size, isSelected, facts, trans } = props;
  const { recommended } = facts;
  const isBest = recommended?.size === size.name;
  const hasMore = isBest || Boolean(size.reason);
  const why = `aml-why-${size.name}`;
  const classes = [
    isSelected && 'sel',
    !size.available && 'off',
    hasMore && 'nb'
  ]
    .filter(Boolean)
    .join(' ');
  return (
    <>
      <tr
        className={classes}
        data-size={size.name}
        aria-selected={isSelected}
        aria-disabled={!size.available}
        aria-describedby={hasMore ? why : undefined}
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
        <td>
          <span className="fx">
            {sizeName(size.name)}
            {isBest && <span className="badge">{trans.__('Recommended')}</span>}
          </span>
        </td>
        <td className="r">{size.vcpus}</td>
        <td className="r">{trans.__('%1 GB', size.memoryGb)}</td>
        <td>{gpuWords(size)}</td>
        <td className="r">
          {size.pricePerHour === null
            ? trans.__('free')
            : money(size.pricePerHour, 3)}
        </td>
        <td className="r">
          {size.lowPriorityPricePerHour === null
            ? '–'
            : money(size.lowPriorityPricePerHour, 3)}
        </td>
        <td>
          <Quota {...props} />
        </td>
        <td className="r">
          {usualStart(facts.starts, size.name, 'cold', trans) || '–'}
        </td>
      </tr>
      {hasMore && (
        <tr
          className={`why ${isSelected ? 'sel' : size.available ? '' : 'off'}`}
        >
          <td />
          <td colSpan={8} id={why}>
            {isBest && recommended && (
              <Fact glyph="star">{whyBest(recommended, trans)}</Fact>
            )}
            {size.reason && <Reason {...props} />}
          </td>
        </tr>
      )}
    </>
  );
}

function Quota(props: ISizeRowProps): JSX.Element {
  const { size, isLowPriority, facts, trans } = props;
  const quota = quotaOf(size, isLowPriority, facts.usage);
  if (!quota) {
    return <>–</>;
  }
  const words = trans.__('%1 of %2', quota.left, quota.limit);
  const isShort = quota.left < size.vcpus;
  return (
    <span className="quota">
      <progress
        className={isShort ? 'err' : undefined}
        max={quota.limit || 1}
        value={quota.left}
        aria-label={trans.__('Cores left: %1', words)}
      />
      {words}
    </span>
  );
}

function whyBest(best: IRecommendation, trans: TranslationBundle): string {
  return trans._n(
    'Cheapest that fits the last run of this notebook: at most %2 of memory.',
    'Cheapest that fits the last %1 runs of this notebook: at most %2 of memory.',
    best.runs,
    bytes(best.memoryBytes)
  );
}

function Reason(props: ISizeRowProps): JSX.Element {
  const { size, trans } = props;
  const quota = quotaOf(size, props.isLowPriority, props.facts.usage);
  // More cores than the machine has cannot be asked for.
  const isShort = size.rehearsal && quota !== null && quota.left < size.vcpus;
  return (
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
      {!size.available && quota && isShort && (
        <LinkButton
          label={trans.__('Ask for quota…')}
          onClick={() => props.onAskQuota(quota, size)}
        />
      )}
    </span>
  );
}
