import * as React from 'react';
import type { ISeries } from '../metrics';
import { latencySeries, nowOf, requestSeries } from '../trafficmath';
import type { IKnownEndpointProps } from './endpointview';
import { compact, Plot } from './plot';

/** Requests a second and latency of each deployment, over the last quarter of an hour. */
export function EndpointPlots(props: IKnownEndpointProps): JSX.Element {
  const { model, trans } = props;
  const { traffic } = model;
  const each = traffic.map(one => nowOf([one]));
  const rates = each.map(one => compact(one.rate));
  const times = each.map(one =>
    one.p95 === null ? '–' : compact(one.p95 * 1000)
  );
  return (
    <div className="aml-pair">
      <TrafficPlot
        title={trans.__('Requests/s')}
        value={rates.join(' + ')}
        series={requestSeries(traffic)}
        nothing={trans.__('Nothing was asked yet.')}
      />
      <TrafficPlot
        title={trans.__('Latency p95, ms')}
        value={times.join(', ')}
        series={latencySeries(traffic)}
        nothing={trans.__('Nothing was answered yet.')}
      />
    </div>
  );
}

function TrafficPlot(props: {
  title: string;
  value: string;
  series: readonly ISeries[];
  nothing: string;
}): JSX.Element {
  const { title, value, nothing } = props;
  const series = props.series.filter(one => one.points.length > 0);
  return (
    <div className="aml-card">
      <h3>
        {title}
        <span className="grow" />
        <span className="s num">{series.length ? value : ''}</span>
      </h3>
      {series.length ? (
        <Plot series={series} height={90} summary={`${title}: ${value}`} />
      ) : (
        <p className="s">{nothing}</p>
      )}
    </div>
  );
}
