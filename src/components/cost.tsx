/** What costs, on top of everything: rate, guard, budget, how long it lasts. */
import type { TranslationBundle } from '@jupyterlab/translation';
import type { CommandRegistry } from '@lumino/commands';
import * as React from 'react';
import { guardWords, lastsWords, spentWords } from '../money';
import { CommandIDs, IAmlManager } from '../tokens';
import type { CostSummary } from '../wire';
import { money } from '../words';
import { GlyphIcon, LinkButton, StateShape } from './controls';

interface ICostProps {
  manager: IAmlManager;
  commands: CommandRegistry;
  trans: TranslationBundle;
  /** List price of what is up now, per hour. */
  perHour: number;
  isRehearsal: boolean;
}

export function Cost(props: ICostProps): JSX.Element {
  const { manager, perHour, isRehearsal, trans } = props;
  const isKnown = manager.link.kind === 'online';
  const costs = hasMoney(manager.costs, perHour) ? manager.costs : null;
  return (
    <div className="aml-cost">
      <span className="big">
        {!perHour
          ? trans.__('Free')
          : isKnown
            ? trans.__('%1 per hour', money(perHour))
            : trans.__('about %1 per hour', money(perHour))}
      </span>
      {isKnown && costs ? (
        <GuardState costs={costs} trans={trans} />
      ) : (
        <span className="s">{perHour ? '' : whereFree(manager, trans)}</span>
      )}
      {perHour > 0 && !isKnown && !isRehearsal && (
        <span className="s full">
          {trans.__('It costs whether the service answers or not.')}
        </span>
      )}
      {isKnown && costs ? (
        <Budget {...props} costs={costs} />
      ) : (
        isRehearsal &&
        perHour > 0 && (
          <span className="s full">{trans.__('would be, in Azure')}</span>
        )
      )}
    </div>
  );
}

/** Whose machines what runs for nothing is on. */
function whereFree(manager: IAmlManager, trans: TranslationBundle): string {
  return manager.computes.some(
    one => one.spec.type === 'attached' && one.runningJobs > 0
  )
    ? trans.__('on machines of your own')
    : trans.__('on this machine');
}

/** Where nothing costs and nothing did, there is no budget to speak of. */
export function hasMoney(costs: CostSummary | null, perHour: number): boolean {
  return (
    costs !== null &&
    (perHour > 0 || costs.spentToday > 0 || costs.budgetPerDay !== null)
  );
}

function GuardState(props: {
  costs: CostSummary;
  trans: TranslationBundle;
}): JSX.Element | null {
  const guard = guardWords(props.costs.guard, props.trans);
  if (!guard) {
    return null;
  }
  return (
    <span className="s fx4" title={guard.more || undefined}>
      {guard.shape === 'shield' ? (
        <GlyphIcon glyph="shield" size={12} className="st-ok" />
      ) : (
        <StateShape shape={guard.shape} size={12} />
      )}
      {guard.word}
    </span>
  );
}

function Budget(props: ICostProps & { costs: CostSummary }): JSX.Element {
  const { costs, commands, trans } = props;
  const guard = guardWords(costs.guard, trans);
  const budget = costs.budgetPerDay;
  const isNear = costs.guard.state !== 'watching';
  return (
    <>
      {budget !== null && (
        <progress
          className={isNear ? 'warn' : undefined}
          max={budget}
          value={Math.min(budget, costs.spentToday)}
          aria-label={trans.__('Budget used today')}
        />
      )}
      <span className="full s aml-spent">
        <span>{spentWords(costs, trans)}</span>
        {budget === null ? (
          <LinkButton
            label={trans.__('Set a budget…')}
            onClick={() => void commands.execute(CommandIDs.setBudget)}
          />
        ) : (
          <span>{lastsWords(costs, trans)}</span>
        )}
      </span>
      {guard?.more && <span className="full s">{guard.more}</span>}
    </>
  );
}
