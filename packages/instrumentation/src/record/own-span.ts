import type { HrTime, SpanContext, SpanKind, SpanStatus } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { AttributeList } from './attribute-list.js';

/** Flags of a span that goes to the cost pipeline, whatever the trace sampler decided. */
const SAMPLED = 1;
const UNSET: SpanStatus = { code: 0 };

/** Something that happened in a span. */
export interface SpanEvent {
  readonly name: string;
  readonly timeMs: number;
  readonly attributes: AttributeList;
}

export interface OwnSpanStart {
  readonly name: string;
  readonly kind: SpanKind;
  readonly startMs: number;
  /** Taken over: what comes later is added to this very list. */
  readonly attributes: AttributeList;
}

/** Who a span is, and what it lies in. */
export interface SpanPlace {
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
}

/**
 * A span without a tracer provider: where there is none, and where its sampler dropped ours. It is what an exporter
 * reads and nothing more; the resource comes with the export.
 */
export class OwnSpan {
  name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly startMs: number;
  endMs: number | undefined;
  readonly attributes: AttributeList;
  status: SpanStatus = UNSET;
  /** Task spans have some; a call's have none. */
  events: readonly SpanEvent[] | undefined;

  constructor(start: OwnSpanStart, { context, parent }: SpanPlace) {
    this.name = start.name;
    this.kind = start.kind;
    this.context =
      (context.traceFlags & SAMPLED) === 0
        ? { ...context, traceFlags: context.traceFlags | SAMPLED }
        : context;
    this.parent = parent;
    this.startMs = start.startMs;
    this.attributes = start.attributes;
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
    attributes: span.attributes.toRecord(),
    links: [],
    events: (span.events ?? []).map(({ name, timeMs, attributes }) => ({
      name,
      time: toHrTime(timeMs),
      attributes: attributes.toRecord(),
      droppedAttributesCount: 0,
    })),
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

/** Random bytes for some hundred spans: one look at the generator for each would cost more than all the rest of an id. */
const pool = Buffer.alloc(8_192);
const words = new Uint32Array(pool.buffer, pool.byteOffset, pool.length / Uint32Array.BYTES_PER_ELEMENT);
let poolAt = pool.length;
const INVALID_ID = /^0+$/;

/** A W3C id of `bytes` random bytes, never all zero. */
export function randomId(bytes: 8 | 16): string {
  if (poolAt + bytes > pool.length) {
    for (let index = 0; index < words.length; index += 1) words[index] = Math.random() * 0x1_0000_0000;
    poolAt = 0;
  }
  const id = pool.toString('hex', poolAt, poolAt + bytes);
  poolAt += bytes;
  return INVALID_ID.test(id) ? randomId(bytes) : id;
}
