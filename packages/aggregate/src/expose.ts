import { Gauge, Registry } from 'prom-client';
import type { Aggregate } from './aggregate.js';
import { readSnapshots, type Snapshot } from './snapshot.js';

/** A text format of metrics, by its content type: Prometheus' own, or OpenMetrics, which alone has exemplars. */
export type MetricsFormat =
  | typeof Registry.PROMETHEUS_CONTENT_TYPE
  | typeof Registry.OPENMETRICS_CONTENT_TYPE;

/** The format to answer with: OpenMetrics for whoever asks for it, as Prometheus does. */
export const readMetricsFormat = (headers: Readonly<Record<string, unknown>>): MetricsFormat =>
  String(headers.accept).includes('application/openmetrics-text')
    ? Registry.OPENMETRICS_CONTENT_TYPE
    : Registry.PROMETHEUS_CONTENT_TYPE;

/** prom-client's formatter over values that were read elsewhere: it prints and holds no state. */
class SnapshotMetric extends Gauge {
  readonly #snapshot: Snapshot;

  readonly #format: MetricsFormat;

  constructor(snapshot: Snapshot, format: MetricsFormat) {
    const { name, help } = snapshot.definition;
    super({ name, help, registers: [] });
    this.#snapshot = snapshot;
    this.#format = format;
  }

  override get(): ReturnType<Gauge['get']> {
    const { definition, samples } = this.#snapshot;
    // In OpenMetrics a counter has the suffix on its samples, where prom-client puts it, and not in its name.
    const isSuffixed = definition.type === 'counter' && this.#format === Registry.OPENMETRICS_CONTENT_TYPE;
    return Promise.resolve({
      name: isSuffixed ? definition.name.replace(/_total$/, '') : definition.name,
      help: definition.help,
      // prom-client declares an enum whose members do not exist at run time; there the type is this very word.
      type: definition.type as never,
      aggregator: 'sum',
      collect: () => {},
      values: [...samples],
    });
  }
}

/** What is rendered beside the aggregate, and for whom. */
export interface RenderOptions {
  readonly more?: readonly Snapshot[];
  /** A time series database reads it, see {@link isScrape}: what is shown now for the first time is at 0. */
  readonly isScrape?: boolean;
  /** Default: Prometheus' own. */
  readonly format?: MetricsFormat;
}

/**
 * Whether a request comes from a scraper that keeps series: Prometheus, and all that speak like it, send their
 * time-out. A person's request must not use up the one moment in which a new series is seen at 0.
 */
export const isScrape = (headers: Readonly<Record<string, unknown>>): boolean =>
  headers['x-prometheus-scrape-timeout-seconds'] !== undefined;

/** The aggregate, and further metrics, as text. */
export async function renderMetrics(
  aggregate: Aggregate,
  nowMs: number,
  { more = [], isScrape: isRead = false, format }: RenderOptions = {},
): Promise<string> {
  aggregate.settle(nowMs);
  // Read in one turn, so that the numbers of one scrape belong together: prom-client awaits between its metrics.
  const snapshots = [...readSnapshots(aggregate, nowMs), ...more];
  if (isRead) aggregate.markScraped(nowMs);
  return renderSnapshots(snapshots, format);
}

/** Metrics as they were read, as text. */
export function renderSnapshots(
  snapshots: readonly Snapshot[],
  format: MetricsFormat = Registry.PROMETHEUS_CONTENT_TYPE,
): Promise<string> {
  const registry = new Registry<MetricsFormat>();
  registry.setContentType(format);
  for (const snapshot of snapshots) registry.registerMetric(new SnapshotMetric(snapshot, format));
  return registry.metrics();
}
