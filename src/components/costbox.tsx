import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { budgetNote } from '../money';
import type { VmSize } from '../wire';
import { money } from '../words';
import { GlyphIcon } from './controls';
import type { ISizeFacts } from './newcompute';

/** At least and at most, per hour and per day. Real sizes of this machine cost nothing. */
export function CostBox(props: {
  size: VmSize | undefined;
  min: number;
  max: number;
  isLowPriority: boolean;
  facts: Pick<ISizeFacts, 'costs' | 'budgetAction' | 'note'>;
  trans: TranslationBundle;
}): JSX.Element {
  const { size, min, max, facts, trans } = props;
  const price = props.isLowPriority
    ? size?.lowPriorityPricePerHour
    : size?.pricePerHour;
  if (!size || price === null || price === undefined) {
    return (
      <div className="aml-box aml-cost-box" role="status">
        <b className="full">{size ? trans.__('Free') : ''}</b>
        <span className="s full">
          {size ? trans.__('It runs on this machine.') : ''}
        </span>
      </div>
    );
  }
  const line = (label: string, nodes: number) => (
    <>
      <span>{label}</span>
      <span className="num r">{money(price * nodes)}</span>
      <span className="num r">{money(price * nodes * 24)}</span>
    </>
  );
  const day = price * max * 24;
  const budget = budgetNote(day, facts.costs, facts.budgetAction, trans);
  return (
    <div className="aml-box aml-cost-box" role="status">
      <span className="s">
        {size.rehearsal
          ? trans.__('Cost in Azure, would be')
          : trans.__('Cost of this compute')}
      </span>
      <span className="s r">{trans.__('per hour')}</span>
      <span className="s r">{trans.__('per day')}</span>
      {min !== max &&
        line(trans._n('at least, %1 node', 'at least, %1 nodes', min), min)}
      <div className="most">
        {line(trans._n('at most, %1 node', 'at most, %1 nodes', max), max)}
      </div>
      <span className="s full">
        {budget && (
          <GlyphIcon glyph="shield" size={12} className="aml-inline" />
        )}
        {[
          budget,
          size.rehearsal
            ? trans.__('A rehearsal on this machine: nothing is charged.')
            : '',
          facts.note
        ]
          .filter(Boolean)
          .join(' ')}
      </span>
    </div>
  );
}
