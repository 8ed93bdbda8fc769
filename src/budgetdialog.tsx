/** How much compute may cost, and what happens then: the service keeps and enforces it. */
import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { Choice } from './components/choice';
import { Form } from './components/form';
import { showModal } from './components/modal';
import type { Preferences } from './wire';

type Wish = Pick<
  Preferences,
  'budgetPerDay' | 'budgetPerNotebook' | 'budgetAction'
>;

/** Null if the person changed their mind. An empty amount is no limit. */
export function askBudget(
  now: Preferences,
  isRehearsal: boolean,
  trans: TranslationBundle
): Promise<Wish | null> {
  const title = trans.__('Budget');
  return showModal<Wish>(
    title,
    ({ close }) => (
      <BudgetForm {...{ now, isRehearsal, trans, close, title }} />
    ),
    'aml-edit'
  );
}

function BudgetForm(props: {
  now: Preferences;
  isRehearsal: boolean;
  title: string;
  trans: TranslationBundle;
  close(wish: Wish | null): void;
}): JSX.Element {
  const { now, trans, close } = props;
  const [day, setDay] = React.useState(textOf(now.budgetPerDay));
  const [notebook, setNotebook] = React.useState(textOf(now.budgetPerNotebook));
  const [action, setAction] = React.useState(now.budgetAction ?? 'stop');
  const budgetPerDay = amountOf(day);
  const budgetPerNotebook = amountOf(notebook);
  const isGood = budgetPerDay !== undefined && budgetPerNotebook !== undefined;
  return (
    <Form
      title={props.title}
      trouble={isGood ? '' : trans.__('An amount is a number above 0.')}
      action={trans.__('Set budget')}
      trans={trans}
      onSubmit={() => {
        if (isGood) {
          close({ budgetPerDay, budgetPerNotebook, budgetAction: action });
        }
      }}
      onCancel={() => close(null)}
    >
      <div className="fx aml-fields">
        <Amount
          label={trans.__('Dollars a day')}
          value={day}
          hasFocus
          onChange={setDay}
        />
        <Amount
          label={trans.__('Dollars a day for each notebook')}
          value={notebook}
          onChange={setNotebook}
        />
      </div>
      <Choice<Wish['budgetAction']>
        legend={trans.__('When it is used up')}
        name="aml-budget-action"
        value={action}
        options={[
          ['warn', trans.__('Say so')],
          ['hold', trans.__('Take no new paid work')],
          ['stop', trans.__('Stop what costs')]
        ]}
        onChange={setAction}
      />
      <p className="s">
        {trans.__('Empty is no limit. Each step is announced before.')}{' '}
        {props.isRehearsal &&
          trans.__(
            'On this machine nothing is charged: the budget is tried with what Azure would list.'
          )}
      </p>
    </Form>
  );
}

function Amount(props: {
  label: string;
  value: string;
  hasFocus?: boolean;
  onChange(value: string): void;
}): JSX.Element {
  return (
    <label className="field">
      <span>{props.label}</span>
      <input
        inputMode="decimal"
        data-autofocus={props.hasFocus || undefined}
        value={props.value}
        aria-invalid={amountOf(props.value) === undefined}
        onChange={event => props.onChange(event.target.value)}
      />
    </label>
  );
}

/** Preferences of an older service hold no amount. */
function textOf(amount: number | null | undefined): string {
  return amount?.toString() ?? '';
}

/** Null for no limit; undefined for what is no amount. */
export function amountOf(text: string): number | null | undefined {
  if (!text.trim()) {
    return null;
  }
  const amount = Number(text.trim().replace(',', '.').replace(/^\$/, ''));
  return amount > 0 && amount <= 1_000_000 ? amount : undefined;
}
