import { Clipboard } from '@jupyterlab/apputils';
import { OutputArea, OutputAreaModel } from '@jupyterlab/outputarea';
import type { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import type { TranslationBundle } from '@jupyterlab/translation';
import { Widget } from '@lumino/widgets';
import * as React from 'react';
import type { JobModel } from '../jobmodel';
import { saveFileOf } from '../save';
import { isFinal } from '../status';
import type { Job } from '../wire';
import { bytes } from '../words';
import { IconButton, TextButton } from './controls';
import { AssetLink, ILinkProps, keyOf } from './lineage';

export interface IJobOutputsProps extends ILinkProps {
  job: Job;
  model: JobModel;
  rendermime: IRenderMimeRegistry | null;
  trans: TranslationBundle;
}

interface IOutputRow {
  name: string;
  kind: string;
  size: number | null;
  where: React.ReactNode;
  action: JSX.Element | null;
}

/** How many things a job has left, for the tab's title. */
export function countOutputs(job: Job): number {
  return (
    Object.keys(job.result?.names ?? {}).length +
    Object.keys(job.result?.kept ?? {}).length +
    Object.keys(job.outputs).length +
    job.models.length +
    job.newFiles.length
  );
}

/** What the job left, and what it showed. */
export function JobOutputs(props: IJobOutputsProps): JSX.Element {
  const { model, rendermime, trans } = props;
  const rows = useRows(props);
  const count = model.outputs.length;
  return (
    <div className="aml-tabbody">
      {rows.length > 0 && <OutputTable rows={rows} trans={trans} />}
      <div className="fx">
        <b>{trans.__('Shown')}</b>
        <span className="s">
          {count
            ? trans._n('%1 output', '%1 outputs', count)
            : trans.__('nothing but text, which is under Logs')}
        </span>
      </div>
      {rendermime && count > 0 && (
        <RichOutputs model={model} rendermime={rendermime} trans={trans} />
      )}
    </div>
  );
}

function OutputTable(props: {
  rows: readonly IOutputRow[];
  trans: TranslationBundle;
}): JSX.Element {
  const { rows, trans } = props;
  return (
    <table className="aml-table" aria-label={trans.__('Outputs')}>
      <thead>
        <tr>
          <th>{trans.__('Name')}</th>
          <th>{trans.__('Kind')}</th>
          <th className="r">{trans.__('Size')}</th>
          <th>{trans.__('Where')}</th>
          <th className="r">{trans.__('Action')}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(row => (
          <tr key={`${row.kind}/${row.name}`}>
            <td>{row.name}</td>
            <td className="s">{row.kind}</td>
            <td className="r num">
              {row.size === null ? '' : bytes(row.size)}
            </td>
            <td className="s">{row.where}</td>
            <td className="r">{row.action}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function useRows(props: IJobOutputsProps): IOutputRow[] {
  const { job, trans } = props;
  const files = useFiles(props);
  const variables = Object.entries(job.result?.names ?? {}).map(
    ([name, size]): IOutputRow => ({
      name,
      kind: trans.__('variable'),
      size,
      where: trans.__('kept with the job'),
      action: <CopyFetch job={job} name={name} trans={trans} />
    })
  );
  const kept = Object.entries(job.result?.kept ?? {}).map(
    ([name, why]): IOutputRow => ({
      name,
      kind: trans.__('variable'),
      size: null,
      where: why,
      action: null
    })
  );
  const named = Object.entries(job.outputs).map(([name, path]): IOutputRow => ({
    name,
    kind: trans.__('output'),
    size: null,
    where: job.registered[name] ? (
      <AssetLink {...props} kind="data" reference={job.registered[name]} />
    ) : (
      path
    ),
    action: (
      <IconButton
        glyph="copy"
        label={trans.__('Copy the path of %1', name)}
        onClick={() => Clipboard.copyToSystem(path)}
      />
    )
  }));
  const models = job.models.map((reference): IOutputRow => ({
    name: keyOf(reference).split(':')[0] || reference,
    kind: trans.__('model'),
    size: null,
    where: <AssetLink {...props} kind="model" reference={reference} />,
    action: null
  }));
  return [...variables, ...kept, ...models, ...named, ...files];
}

function CopyFetch(props: {
  job: Job;
  name: string;
  trans: TranslationBundle;
}): JSX.Element {
  const { job, name, trans } = props;
  const line = `import jupyter_aml as aml\naml.JobHandle("${job.name}").fetch("${name}")`;
  return (
    <TextButton
      glyph="copy"
      size="sm"
      label={trans.__('Copy line to fetch')}
      title={line}
      onClick={() => Clipboard.copyToSystem(line)}
    />
  );
}

/** Files that the job left, once it has ended. */
function useFiles(props: IJobOutputsProps): IOutputRow[] {
  const { job, manager, trans } = props;
  const [rows, setRows] = React.useState<IOutputRow[]>([]);
  const hasEnded = isFinal(job.status);
  React.useEffect(() => {
    let isOver = false;
    const read = async () => {
      const { value } = await manager.call('jobs.files', { name: job.name });
      if (!isOver) {
        setRows(
          value.map(({ path, bytes: size }) => ({
            name: path,
            kind: trans.__('file'),
            size,
            where: trans.__('kept with the job'),
            action: (
              <IconButton
                glyph="download"
                label={trans.__('Download %1', path)}
                onClick={() => void saveFileOf(job.name, path)}
              />
            )
          }))
        );
      }
    };
    if (hasEnded) {
      read().catch(reason => {
        console.debug('jupyter-aml: no list of files', reason);
      });
    }
    return () => {
      isOver = true;
    };
  }, [job.name, hasEnded]);
  return rows;
}

/** The outputs as JupyterLab draws them: plots, tables, HTML. */
function RichOutputs(props: {
  model: JobModel;
  rendermime: IRenderMimeRegistry;
  trans: TranslationBundle;
}): JSX.Element {
  const { model, rendermime, trans } = props;
  const holder = React.useRef<HTMLDivElement>(null);
  // A layout effect: its end comes before the node is taken out of the page.
  React.useLayoutEffect(() => {
    const node = holder.current;
    if (!node) {
      return;
    }
    const outputs = new OutputAreaModel({ trusted: false });
    const area = new OutputArea({ model: outputs, rendermime });
    let shown = '';
    const refresh = () => {
      const values = model.outputs.outputs;
      const mark = JSON.stringify(values);
      if (mark !== shown) {
        shown = mark;
        outputs.fromJSON(values);
      }
    };
    refresh();
    Widget.attach(area, node);
    model.changed.connect(refresh);
    return () => {
      model.changed.disconnect(refresh);
      area.dispose();
      outputs.dispose();
    };
  }, [model, rendermime]);
  return (
    <div
      ref={holder}
      className="aml-rich"
      role="group"
      aria-label={trans.__('Shown outputs')}
    />
  );
}
