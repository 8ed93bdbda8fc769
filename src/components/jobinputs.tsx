import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { Input, Job } from '../wire';
import { bytes } from '../words';
import { CommandLine, StateShape } from './controls';
import { Facts } from './facts';
import { AssetLink, ILinkProps } from './lineage';
import { Message } from './message';

interface IInputRow {
  name: string;
  kind: string;
  note: React.ReactNode;
}

export interface IJobInputsProps extends ILinkProps {
  job: Job;
  trans: TranslationBundle;
}

/** What went along, and in which environment it ran. */
export function JobInputs(props: IJobInputsProps): JSX.Element {
  const { job, trans } = props;
  const rows = inputsOf(props);
  const { spec } = job;
  const environment = spec.environment || 'kernel';
  const variables = Object.keys(spec.environmentVariables ?? {});
  return (
    <div className="aml-tabbody">
      {rows.length ? (
        <InputTable rows={rows} trans={trans} />
      ) : (
        <p className="s">{trans.__('Nothing went along.')}</p>
      )}
      <div className="fx">
        <b>{trans.__('Environment')}</b>
        <span>{environment}</span>
        <span className="s">
          {environment === 'kernel'
            ? trans.__('the interpreter of the notebook')
            : ''}
        </span>
      </div>
      <Facts
        facts={[
          [trans.__('Interpreter'), spec.python ?? ''],
          [trans.__('Variables set'), variables.join(', ')],
          [
            trans.__('Limits'),
            spec.timeout ? trans.__('%1 s', spec.timeout) : ''
          ]
        ]}
      />
      {environment !== 'kernel' && (
        <CommandLine
          text={`%aml environment diff ${environment}`}
          trans={trans}
        />
      )}
      {Array.from(new Set([...(spec.warnings ?? []), ...job.warnings])).map(
        warning => (
          <Message key={warning} kind="warn" title={warning} />
        )
      )}
    </div>
  );
}

function InputTable(props: {
  rows: readonly IInputRow[];
  trans: TranslationBundle;
}): JSX.Element {
  const { rows, trans } = props;
  return (
    <table className="aml-table" aria-label={trans.__('Inputs')}>
      <thead>
        <tr>
          <th>{trans.__('How')}</th>
          <th>{trans.__('Name')}</th>
          <th>{trans.__('Kind')}</th>
          <th>{trans.__('Note')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr key={`${row.kind}/${row.name}`}>
            <td>
              <span className="state">
                <StateShape shape="done" />
                {trans.__('Sent')}
              </span>
            </td>
            <td>{row.name}</td>
            <td className="s">{row.kind}</td>
            <td className="s">{row.note}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function inputsOf(props: IJobInputsProps): IInputRow[] {
  const { job, trans } = props;
  const { spec } = job;
  const rows: IInputRow[] = [];
  if (spec.type === 'cell') {
    const { names = [], segment, imports = [] } = spec.variables ?? {};
    const large = (segment?.lengths ?? []).reduce((sum, one) => sum + one, 0);
    if (names.length) {
      rows.push({
        name: names.join(', '),
        kind: trans.__('variables'),
        note: large ? trans.__('large parts: %1', bytes(large)) : ''
      });
    }
    if (imports.length) {
      rows.push({
        name: imports.join('; '),
        kind: trans.__('imports'),
        note: trans.__('repeated there')
      });
    }
  }
  if (spec.type === 'command') {
    for (const [name, value] of Object.entries(spec.inputs ?? {})) {
      const isFile = typeof value === 'object';
      rows.push({
        name,
        kind: isFile ? (value.type ?? '') : trans.__('value'),
        note: isFile ? <Read {...props} input={value} /> : String(value)
      });
    }
  }
  if (spec.type === 'notebook') {
    for (const [name, value] of Object.entries(spec.parameters ?? {})) {
      const note = JSON.stringify(value);
      rows.push({ name, kind: trans.__('parameter'), note });
    }
  }
  if (spec.code) {
    rows.push({
      name: trans.__('code folder'),
      kind: trans.__('snapshot'),
      note: spec.code.replace(/^snapshot:/, '').slice(0, 12)
    });
  }
  return rows;
}

/** What an input was found by, as a link where it is an asset; else its path. */
function Read(props: ILinkProps & { input: Input }): JSX.Element {
  const { reference = '', path, type } = props.input;
  const kind = type?.endsWith('_model') ? 'model' : 'data';
  return <AssetLink {...props} kind={kind} reference={reference || path} />;
}
