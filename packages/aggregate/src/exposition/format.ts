/** A text format of metrics, by its content type: Prometheus' own, or OpenMetrics, which alone has exemplars. */
export const METRICS_FORMAT = {
  PROMETHEUS: 'text/plain; version=0.0.4; charset=utf-8',
  OPENMETRICS: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
} as const;
/** One of {@link METRICS_FORMAT}. */
export type MetricsFormat = (typeof METRICS_FORMAT)[keyof typeof METRICS_FORMAT];

/** One line of the exposition as prom-client takes it. It keeps the text of `sharedLabels`, which is most of a line. */
export interface Line {
  readonly metricName?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly sharedLabels?: Readonly<Record<string, string>>;
  readonly value: number;
  readonly exemplar?: {
    readonly labelSet: Readonly<Record<string, string>>;
    readonly value: number;
    /** Seconds since the epoch. */
    readonly timestamp: number;
  };
}
