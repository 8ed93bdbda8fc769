import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import { jobOf, stepNote, stepState, stepTag, stepTime } from '../pipeline';
import type { StepRow } from '../wire';
import { money } from '../words';
import { LinkButton, StateShape } from './controls';

/** The same steps as a list: all that the graph says, and what each took in and left. */
export function StepTable(props: {
  steps: readonly StepRow[];
  now: number;
  trans: TranslationBundle;
  onOpen(step: StepRow): void;
}): JSX.Element {
  const { steps, now, trans } = props;
  return (
    <table className="aml-table" aria-label={trans.__('Steps')}>
      <thead>
        <tr>
          <th scope="col">{trans.__('Step')}</th>
          <th scope="col">{trans.__('State')}</th>
          <th scope="col">{trans.__('After')}</th>
          <th scope="col">{trans.__('Inputs')}</th>
          <th scope="col">{trans.__('Outputs')}</th>
          <th scope="col" className="r">
            {trans.__('Time')}
          </th>
          <th scope="col" className="r">
            {trans.__('List price')}
          </th>
        </tr>
      </thead>
      <tbody>
        {steps.map(step => {
          const state = stepState(step, trans);
          const name = step.displayName || step.name;
          const tag = stepTag(step, trans);
          const why =
            step.reusedFrom || step.reason ? stepNote(step, trans) : '';
          return (
            <tr key={step.name}>
              <td>
                <span className="fx4">
                  {jobOf(step) ? (
                    <LinkButton
                      label={name}
                      onClick={() => props.onOpen(step)}
                    />
                  ) : (
                    name
                  )}
                  {tag && <span className="badge">{tag}</span>}
                </span>
              </td>
              <td>
                <span className="state">
                  <StateShape shape={state.shape} />
                  {state.word}
                </span>
                {why && <div className="s">{why}</div>}
              </td>
              <td>{step.needs.join(', ') || '–'}</td>
              <td>
                <Pairs pairs={{ ...step.inputs, ...step.reads }} />
              </td>
              <td>
                <Pairs pairs={step.outputs} />
              </td>
              <td className="r">{stepTime(step, now, trans) || '–'}</td>
              <td className="r">
                {step.listPrice ? money(step.listPrice) : '–'}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** Names and values; a path by its end, the whole of it to point at. */
function Pairs(props: { pairs: Record<string, string> }): JSX.Element {
  const pairs = Object.entries(props.pairs);
  return pairs.length ? (
    <>
      {pairs.map(([name, value]) => (
        <div key={name} className="ell" title={value}>
          <span className="s">{name}</span> {value.replace(/^.*[/\\](?=.)/, '')}
        </div>
      ))}
    </>
  ) : (
    <>–</>
  );
}
