/** One finished span as both doors see it: decoded from OTLP, or straight from an in-process span processor. */
export interface SpanView {
  /** Lower-case hex, 32 and 16 digits. */
  readonly traceId: string;
  readonly spanId: string;
  /** Empty at the root; absent where spans are not seen in their traces. */
  readonly parentSpanId?: string;
  /** W3C `tracestate`; absent when it is empty. */
  readonly traceState?: string;
  readonly name: string;
  readonly kind: SpanKind;
  /** Milliseconds since the epoch, with fractions. */
  readonly startMs: number;
  readonly endMs: number;
  readonly hasErrorStatus: boolean;
  /** Set where the span was declared to be fine, which most never are. */
  readonly hasOkStatus?: boolean;
  /** Exceptions and evaluations; absent when there are none. */
  readonly events?: readonly SpanEvent[];
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Attributes of the resource. */
  readonly resource: Readonly<Record<string, unknown>>;
  /** Name of the instrumentation scope. */
  readonly scopeName: string;
}

/** Something that happened during a span. */
export interface SpanEvent {
  readonly name: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** A word, because OTLP and the OpenTelemetry API number the kinds differently. */
export const SPAN_KINDS = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'] as const;
/** One of {@link SPAN_KINDS}. */
export type SpanKind = (typeof SPAN_KINDS)[number];
