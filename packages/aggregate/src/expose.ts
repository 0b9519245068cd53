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

/**
 * The aggregate, and further metrics, in Prometheus' text format. This is a scrape: series that it shows for the
 * first time are at 0 in it, and their first amounts are in the next.
 */
export async function renderMetrics(
  aggregate: Aggregate,
  nowMs: number,
  more: readonly Snapshot[] = [],
): Promise<string> {
  aggregate.settle(nowMs);
  // Read in one turn, so that the numbers of one scrape belong together: prom-client awaits between its metrics.
  const snapshots = [...readSnapshots(aggregate, nowMs), ...more];
  aggregate.markScraped();
  const registry = new Registry();
  for (const snapshot of snapshots) new SnapshotMetric(snapshot, registry);
  return registry.metrics();
}
