import type { MetricDefinition } from '@costspan/semconv';
import { Gauge, Registry } from 'prom-client';
import { type Line, METRICS_FORMAT, type MetricsFormat } from './format.js';

/** Some lines of a metric, behind prom-client's formatter: it prints and holds no state. */
export class Piece extends Gauge {
  readonly #definition: MetricDefinition;
  readonly #lines: readonly Line[];
  readonly #registry: Registry<MetricsFormat>;

  constructor(definition: MetricDefinition, lines: readonly Line[], format: MetricsFormat) {
    super({ name: definition.name, help: definition.help, registers: [] });
    this.#definition = definition;
    this.#lines = lines;
    this.#registry = new Registry<MetricsFormat>();
    this.#registry.setContentType(format);
    this.#registry.registerMetric(this);
  }

  render(): Promise<string> {
    return this.#registry.getSingleMetricAsString(this.#definition.name);
  }

  override get(): ReturnType<Gauge['get']> {
    const { name, help, type } = this.#definition;
    const isOpen = this.#registry.contentType === METRICS_FORMAT.OPENMETRICS;
    return Promise.resolve({
      // In OpenMetrics a counter has the suffix on its samples, where prom-client puts it, and not in its name.
      name: isOpen && type === 'counter' ? name.replace(/_total$/, '') : name,
      help,
      // prom-client declares an enum whose members do not exist at run time; there the type is this very word.
      type: type as never,
      aggregator: 'sum',
      collect: () => {},
      values: this.#lines as Line[],
    });
  }
}
