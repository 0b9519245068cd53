/** One OTLP log record, of which only evaluations are read. */
export interface LogView {
  readonly eventName: string;
  /** Lower-case hex; empty when it belongs to no span. */
  readonly spanId: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}
