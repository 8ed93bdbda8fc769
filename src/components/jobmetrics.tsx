import type { TranslationBundle } from '@jupyterlab/translation';
import * as React from 'react';
import type { JobModel } from '../jobmodel';
import { groupsOf, ISeries, Metrics, rowOf, toCsv } from '../metrics';
import { saveText } from '../save';
import type { IAmlManager } from '../tokens';
import type { Job } from '../wire';
import { CompareTable, useOther } from './compare';
import { IconButton } from './controls';
import { compact, Plot } from './plot';

const BY_AML = 'aml.log("loss", x)';
const BY_MLFLOW = 'mlflow.log_metric("loss", x)';

export interface IJobMetricsProps {
  job: Job;
  model: JobModel;
  manager: IAmlManager;
  trans: TranslationBundle;
}

/** What the job logged, as curves and numbers, alone or beside another job. */
export function JobMetrics(props: IJobMetricsProps): JSX.Element {
  const { job, model, manager, trans } = props;
  const [otherName, setOther] = React.useState('');
  const [isLog, setLog] = React.useState(false);
  const other = useOther(manager, otherName);
  const series = Array.from(model.metrics.series.values());
  const { parent } = job.spec;
  // Trials of one sweep are compared first.
  const others = [
    ...(parent ? manager.partsOf(parent) : []),
    ...manager.jobs
  ].filter(one => one.name !== job.name);
  return (
    <div className="aml-tabbody">
      <div className="fx">
        <label className="fx4 s">
          {trans.__('Compare with')}
          <select
            value={otherName}
            onChange={event => setOther(event.target.value)}
          >
            <option value="">{trans.__('no other job')}</option>
            {others.map(one => (
              <option key={one.name} value={one.name}>
                {one.displayName || one.name}
              </option>
            ))}
          </select>
        </label>
        <label className="chk">
          <input
            type="checkbox"
            checked={isLog}
            onChange={event => setLog(event.target.checked)}
          />
          {trans.__('Log scale')}
        </label>
        <span className="grow" />
        <IconButton
          glyph="download"
          label={trans.__('Download as CSV')}
          disabled={!series.length}
          onClick={() =>
            saveText(`${job.name}-metrics.csv`, toCsv(series), 'text/csv')
          }
        />
      </div>
      <MetricPlots
        series={series}
        other={other?.metrics ?? null}
        isLog={isLog}
        trans={trans}
      />
      {series.length > 0 && <MetricTable series={series} trans={trans} />}
      <Parameters model={model} trans={trans} />
      {other?.job && <CompareTable one={job} other={other.job} trans={trans} />}
      <p className="s">
        {series.length
          ? trans.__('Logged with')
          : trans.__('Nothing was logged. A job logs a metric with')}{' '}
        <code>{BY_AML}</code> {trans.__('or')} <code>{BY_MLFLOW}</code>
      </p>
    </div>
  );
}

export function MetricPlots(props: {
  series: readonly ISeries[];
  other: Metrics | null;
  isLog?: boolean;
  trans: TranslationBundle;
}): JSX.Element {
  const { series, other, isLog, trans } = props;
  return (
    <div className="aml-plots">
      {groupsOf(series).map(([name, group]) => {
        const beside = group.flatMap(one => {
          const found = other?.series.get(one.name);
          return found
            ? [{ ...found, name: trans.__('%1, other', found.name) }]
            : [];
        });
        const shown = [...group, ...beside];
        return (
          <div key={name} className="aml-card">
            <h3>{name}</h3>
            <Plot
              series={shown}
              height={120}
              hasSteps
              isLog={isLog}
              summary={summaryOf(shown, trans)}
            />
          </div>
        );
      })}
    </div>
  );
}

/** "loss goes from 2.1 to 0.71 in 20 points", for who does not see the plot. */
function summaryOf(
  series: readonly ISeries[],
  trans: TranslationBundle
): string {
  return series
    .map(({ name, points }) =>
      trans._n(
        '%2 is %4 (%1 point)',
        '%2 goes from %3 to %4 in %1 points',
        points.length,
        name,
        compact(points[0]?.y ?? 0),
        compact(points[points.length - 1]?.y ?? 0)
      )
    )
    .join('; ');
}

function MetricTable(props: {
  series: readonly ISeries[];
  trans: TranslationBundle;
}): JSX.Element {
  const { series, trans } = props;
  return (
    <table className="aml-table" aria-label={trans.__('Metrics')}>
      <thead>
        <tr>
          <th>{trans.__('Metric')}</th>
          <th className="r">{trans.__('Last')}</th>
          <th className="r">{trans.__('Best')}</th>
          <th className="r">{trans.__('At step')}</th>
        </tr>
      </thead>
      <tbody>
        {series.map(one => {
          const row = rowOf(one);
          return row ? (
            <tr key={one.name}>
              <td>{row.name}</td>
              <td className="r num">{compact(row.last)}</td>
              <td className="r num">{compact(row.best)}</td>
              <td className="r num">{row.at}</td>
            </tr>
          ) : null;
        })}
      </tbody>
    </table>
  );
}

/** What the job told MLflow of itself: its parameters, and the run they are kept in. */
function Parameters(props: {
  model: JobModel;
  trans: TranslationBundle;
}): JSX.Element | null {
  const { logged } = props.model;
  const { trans } = props;
  const rows = Object.entries(logged?.parameters ?? {});
  if (!logged || (!logged.mlflowRun && rows.length === 0)) {
    return null;
  }
  return (
    <>
      {rows.length > 0 && (
        <table className="aml-table" aria-label={trans.__('Parameters')}>
          <thead>
            <tr>
              <th>{trans.__('Parameter')}</th>
              <th>{trans.__('Value')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, value]) => (
              <tr key={name}>
                <td>{name}</td>
                <td className="num">{value}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {logged.mlflowRun && (
        <p className="s">{trans.__('MLflow run %1', logged.mlflowRun)}</p>
      )}
    </>
  );
}
