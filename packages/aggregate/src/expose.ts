import { Gauge, Registry } from 'prom-client';
import type { Aggregate } from './aggregate.js';
import { readSnapshots, type Snapshot } from './snapshot.js';

/** Content type of {@link renderMetrics}. */
export const METRICS_CONTENT_TYPE: string = Registry.PROMETHEUS_CONTENT_TYPE;

/** prom-client's formatter over values that were read elsewhere: it prints and holds no state. */
class SnapshotMetric extends Gauge {
  readonly #snapshot: Snapshot;

  constructor(snapshot: Snapshot, registry: Registry) {
    const { name, help } = snapshot.definition;
    super({ name, help, registers: [registry] });
    this.#snapshot = snapshot;
  }

  override get(): ReturnType<Gauge['get']> {
    const { definition, samples } = this.#snapshot;
    return Promise.resolve({
      name: definition.name,
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
}

/**
 * Whether a request comes from a scraper that keeps series: Prometheus, and all that speak like it, send their
 * time-out. A person's request must not use up the one moment in which a new series is seen at 0.
 */
export const isScrape = (headers: Readonly<Record<string, unknown>>): boolean =>
  headers['x-prometheus-scrape-timeout-seconds'] !== undefined;

/** The aggregate, and further metrics, in Prometheus' text format. */
export async function renderMetrics(
  aggregate: Aggregate,
  nowMs: number,
  { more = [], isScrape: isRead = false }: RenderOptions = {},
): Promise<string> {
  aggregate.settle(nowMs);
  // Read in one turn, so that the numbers of one scrape belong together: prom-client awaits between its metrics.
  const snapshots = [...readSnapshots(aggregate, nowMs), ...more];
  if (isRead) aggregate.markScraped(nowMs);
  return renderSnapshots(snapshots);
}

/** Metrics as they were read, in Prometheus' text format. */
export function renderSnapshots(snapshots: readonly Snapshot[]): Promise<string> {
  const registry = new Registry();
  for (const snapshot of snapshots) new SnapshotMetric(snapshot, registry);
  return registry.metrics();
}
