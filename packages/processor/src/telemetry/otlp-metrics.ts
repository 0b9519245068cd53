import type { Sample, Snapshot } from '@costspan/aggregate';

/** A resource attribute or a label. */
interface KeyValue {
  readonly key: string;
  readonly value: { readonly stringValue: string };
}

export interface OtlpMetricsOptions {
  readonly resource: Readonly<Record<string, string>>;
  /** When counting began, milliseconds since the epoch. */
  readonly startMs: number;
  readonly nowMs: number;
}

/** Sums since the start, as a counter of Prometheus is one. */
const CUMULATIVE = 2;
const SCOPE_NAME = '@costspan/processor';
/**
 * UCUM units by the last word of a metric's name before `_total`. What has none of them is sent without one: who makes
 * Prometheus names of OTLP's puts a unit behind the name, `_ratio` for a `1`, and nothing for one in braces.
 */
const UNITS: Readonly<Record<string, string>> = { seconds: 's', bytes: 'By', usd: '{USD}' };

/**
 * An `ExportMetricsServiceRequest` in OTLP's JSON, of metrics as `/metrics` has them: under the same names, counters as
 * cumulative sums. Of histograms and of series there are none among what the processor tells of itself.
 */
export function renderOtlpMetrics(snapshots: readonly Snapshot[], options: OtlpMetricsOptions): string {
  const times = { startTimeUnixNano: nanos(options.startMs), timeUnixNano: nanos(options.nowMs) };
  const metrics = snapshots.flatMap((snapshot) =>
    'samples' in snapshot ? [renderMetric(snapshot, times)] : [],
  );
  const resource = { attributes: renderAttributes(options.resource) };
  const scopeMetrics = [{ scope: { name: SCOPE_NAME }, metrics }];
  return JSON.stringify({ resourceMetrics: [{ resource, scopeMetrics }] });
}

function renderMetric(
  { definition, samples }: Snapshot & { readonly samples: readonly Sample[] },
  times: object,
): object {
  const { name, help: description, type } = definition;
  const dataPoints = samples.map(({ labels, value }) => ({
    attributes: renderAttributes(labels),
    ...times,
    asDouble: value,
  }));
  const data =
    type === 'counter'
      ? { sum: { aggregationTemporality: CUMULATIVE, isMonotonic: true, dataPoints } }
      : { gauge: { dataPoints } };
  const unit =
    UNITS[
      name
        .replace(/_total$/, '')
        .split('_')
        .at(-1)!
    ];
  return { name, description, ...(unit === undefined ? {} : { unit }), ...data };
}

const renderAttributes = (values: Readonly<Record<string, string>>): KeyValue[] =>
  Object.entries(values).map(([key, stringValue]) => ({ key, value: { stringValue } }));

/** Whole nanoseconds need more digits than a double has. */
const nanos = (ms: number): string => `${Math.round(ms)}000000`;
