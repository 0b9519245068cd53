import type { HrTime, SpanContext, SpanKind, SpanStatus } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { SpanAttributes } from '../provider.js';

/** Flags of a span that goes to the cost pipeline, whatever the trace sampler decided. */
const SAMPLED = 1;

export interface OwnSpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly startMs: number;
  readonly attributes: SpanAttributes;
}

/**
 * A span without a tracer provider: where there is none, and where its sampler dropped ours. It is what an exporter
 * reads and nothing more; the resource comes with the export.
 */
export class OwnSpan {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly startMs: number;
  endMs: number | undefined;
  readonly attributes: SpanAttributes;
  status: SpanStatus = { code: 0 };

  constructor(start: OwnSpanStart) {
    this.name = start.name;
    this.kind = start.kind;
    this.context = { ...start.context, traceFlags: start.context.traceFlags | SAMPLED };
    this.parent = start.parent;
    this.startMs = start.startMs;
    this.attributes = { ...start.attributes };
  }
}

/** A finished span as exporters and span processors take it. */
export function toReadableSpan(
  span: OwnSpan,
  origin: Pick<ReadableSpan, 'resource' | 'instrumentationScope'>,
): ReadableSpan {
  const endMs = span.endMs ?? span.startMs;
  return {
    ...origin,
    name: span.name,
    kind: span.kind,
    spanContext: () => span.context,
    ...(span.parent === undefined
      ? {}
      : { parentSpanContext: span.parent, parentSpanId: span.parent.spanId }),
    startTime: toHrTime(span.startMs),
    endTime: toHrTime(endMs),
    duration: toHrTime(endMs - span.startMs),
    status: span.status,
    attributes: definedOnly(span.attributes),
    links: [],
    events: [],
    ended: true,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  } as ReadableSpan;
}

/** Milliseconds since the epoch, fractions kept, as seconds and nanoseconds. */
export function toHrTime(ms: number): HrTime {
  const seconds = Math.floor(ms / 1000);
  return [seconds, Math.round((ms - seconds * 1000) * 1e6)];
}

export function definedOnly(attributes: SpanAttributes): Record<string, NonNullable<SpanAttributes[string]>> {
  const defined: Record<string, NonNullable<SpanAttributes[string]>> = {};
  for (const name in attributes) {
    const value = attributes[name];
    if (value !== undefined) defined[name] = value;
  }
  return defined;
}

/** A W3C id of `bytes` random bytes, never all zero. */
export function randomId(bytes: 8 | 16): string {
  let id = '';
  while (id.length < bytes * 2)
    id += Math.floor(Math.random() * 0x1_0000_0000)
      .toString(16)
      .padStart(8, '0');
  return /^0+$/.test(id) ? randomId(bytes) : id;
}
