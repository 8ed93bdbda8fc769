import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import type { CommandRegistry } from '@lumino/commands';
import { Signal } from '@lumino/signaling';
import * as React from 'react';
import type { ICellPlace } from './cellaccess';
import {
  GlyphIcon,
  LinkButton,
  StateShape,
  TextButton
} from './components/controls';
import { Facts } from './components/facts';
import { useSignal } from './components/hooks';
import {
  IChecked,
  problemsOf,
  shipsWords,
  sizeWords,
  startWords
} from './preflight';
import { CommandIDs } from './tokens';
import type { Preflight, Problem } from './wire';
import * as words from './words';

export interface IPreflightStripOptions {
  commands: CommandRegistry;
  trans: TranslationBundle;
  /** The cell that a fix is applied in. */
  place(): ICellPlace;
}

/** What a cell costs, takes along and would run into, under its editor, before it runs. */
export class PreflightStrip extends ReactWidget {
  constructor(options: IPreflightStripOptions) {
    super();
    this._options = options;
    this.addClass('aml-strip-holder');
    this.addClass('aml-preflight');
  }

  set checked(checked: IChecked | null) {
    this._checked = checked;
    this._changed.emit();
  }

  render(): JSX.Element {
    return (
      <Strip
        {...this._options}
        changed={this._changed}
        checked={() => this._checked}
      />
    );
  }

  private _options: IPreflightStripOptions;
  private _checked: IChecked | null = null;
  private _changed = new Signal<this, void>(this);
}

interface IStripProps extends IPreflightStripOptions {
  changed: Signal<PreflightStrip, void>;
  checked(): IChecked | null;
}

function Strip(props: IStripProps): JSX.Element | null {
  const { trans } = props;
  useSignal(props.changed);
  const [isOpen, setOpen] = React.useState(false);
  const checked = props.checked();
  if (!checked) {
    return null;
  }
  const problems = problemsOf(checked);
  const errors = problems.filter(one => one.severity !== 'warning').length;
  return (
    <div
      className="aml aml-strip"
      role="group"
      aria-label={trans.__('Before you run')}
    >
      {problems.map((problem, index) => (
        <ProblemLine
          key={`${problem.code}/${problem.where}`}
          {...props}
          problem={problem}
          count={index === 0 ? errors : 0}
        />
      ))}
      <div className="aml-facts">
        <FactSpans checked={checked} trans={trans} />
        <span className="grow" />
        <LinkButton
          label={isOpen ? trans.__('Less') : trans.__('Details')}
          onClick={() => setOpen(!isOpen)}
        />
      </div>
      {isOpen && <Details checked={checked} trans={trans} />}
    </div>
  );
}

function ProblemLine(
  props: IPreflightStripOptions & { problem: Problem; count: number }
): JSX.Element {
  const { problem, count, commands, trans } = props;
  const isWarning = problem.severity === 'warning';
  const { fix } = problem;
  return (
    <div className={isWarning ? 'warned' : 'bad'}>
      <StateShape shape={isWarning ? 'warn' : 'failed'} />
      <span>{problem.cause}</span>
      {fix && (
        <TextButton
          size="sm"
          label={fix.label}
          title={fix.kind === 'open' ? undefined : fix.value}
          onClick={() =>
            void commands.execute(CommandIDs.applyFix, {
              ...fix,
              ...props.place()
            })
          }
        />
      )}
      <span className="grow" />
      {count > 0 && (
        <span className="s">
          {trans._n(
            '%1 thing to fix before it can run',
            '%1 things to fix before it can run',
            count
          )}
        </span>
      )}
    </div>
  );
}

/** Compute, price, quota, usual start and what ships, each in a few words. */
export function FactSpans(props: {
  checked: IChecked;
  trans: TranslationBundle;
}): JSX.Element {
  const { checked, trans } = props;
  const { service } = checked;
  // Of a compute that is not there nothing is known, its price least of all.
  const isKnown = service.vcpus > 0;
  const start = startWords(service, trans);
  const ships = shipsWords(checked, trans);
  return (
    <>
      <span>
        {service.compute}
        {isKnown && <span className="s">{sizeWords(service, trans)}</span>}
      </span>
      {isKnown && <span className="num">{priceWords(service, trans)}</span>}
      {service.quota && (
        <span>
          <StateShape shape={hasQuota(service) ? 'done' : 'warn'} size={12} />
          {trans.__(
            'Quota, %1 of %2 cores left',
            service.quota.left,
            service.quota.limit
          )}
        </span>
      )}
      {start && (
        <span>
          <GlyphIcon glyph="queued" size={12} />
          {start}
        </span>
      )}
      {ships && (
        <span className="ships">
          <GlyphIcon glyph="download" size={12} />
          {ships}
        </span>
      )}
    </>
  );
}

function hasQuota({ quota, vcpus, nodes }: Preflight): boolean {
  return quota === null || quota.left >= vcpus * nodes;
}

function priceWords(service: Preflight, trans: TranslationBundle): string {
  if (service.pricePerHour === null) {
    return trans.__('free');
  }
  const perHour = words.rate(service.pricePerHour, trans);
  const amount = service.lowPriority ? trans.__('%1 est.', perHour) : perHour;
  return service.rehearsal ? trans.__('would be %1', amount) : amount;
}

function Details(props: {
  checked: IChecked;
  trans: TranslationBundle;
}): JSX.Element {
  const { checked, trans } = props;
  const { service, kernel } = checked;
  const names = kernel.kind === 'known' ? kernel.value.names : [];
  const { ships, environment, quota } = service;
  return (
    <Facts
      facts={[
        [trans.__('Size'), words.sizeName(service.size)],
        [
          trans.__('Variables'),
          names.map(one => `${one.name} ${words.bytes(one.bytes)}`).join(', ')
        ],
        [
          trans.__('Largest files'),
          (ships?.largest ?? [])
            .map(one => `${one.path} ${words.bytes(one.bytes)}`)
            .join(', ')
        ],
        [trans.__('Left out'), (ships?.leftOut ?? []).join(', ')],
        [trans.__('Environment'), environment?.name ?? ''],
        [trans.__('Quota held by'), (quota?.holders ?? []).join(', ')]
      ]}
    />
  );
}
