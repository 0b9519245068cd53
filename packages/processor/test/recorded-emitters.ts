import { readFileSync } from 'node:fs';
import type { SpanView } from '@costspan/aggregate';
import type { AnyValue, OtlpRequest } from './otlp-grammar.ts';
import { NOW_MS } from './spans.ts';

/** A span as a real emitter wrote it, less content and ids; every call asked the same of the same stand-in. */
export interface RecordedSpan {
  readonly scope: string;
  readonly name: string;
  readonly kind: number;
  readonly trace: number;
  readonly id: number;
  readonly parent: number;
  readonly startUs: number;
  readonly endUs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** By emitter. */
export const recordings: Readonly<Record<string, { emitter: string; spans: readonly RecordedSpan[] }>> =
  JSON.parse(readFileSync(new URL('fixtures/dialects.json', import.meta.url), 'utf8'));

const KINDS = ['unspecified', 'internal', 'server', 'client'] as const;
const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

export const viewOf = (span: RecordedSpan): SpanView => ({
  traceId: hex(span.trace, 32),
  spanId: hex(span.id, 16),
  parentSpanId: span.parent === 0 ? '' : hex(span.parent, 16),
  name: span.name,
  kind: KINDS[span.kind] ?? 'unspecified',
  startMs: NOW_MS + span.startUs / 1000,
  endMs: NOW_MS + span.endUs / 1000,
  hasErrorStatus: false,
  attributes: span.attributes,
  resource: { 'service.name': 'shop' },
  scopeName: span.scope,
});

/** The same as one request, a scope for each span. */
export const requestOf = (spans: readonly RecordedSpan[]): OtlpRequest => ({
  resourceSpans: [
    { scopeSpans: spans.map((span) => ({ scope: { name: span.scope }, spans: [encodeSpan(span)] })) },
  ],
});

const NANOS_PER_US = 1_000n;
const nanosOf = (us: number): string => `${BigInt(NOW_MS) * 1_000_000n + BigInt(us) * NANOS_PER_US}`;

const encodeSpan = (span: RecordedSpan) => ({
  traceId: hex(span.trace, 32),
  spanId: hex(span.id, 16),
  ...(span.parent === 0 ? {} : { parentSpanId: hex(span.parent, 16) }),
  name: span.name,
  kind: span.kind,
  startTimeUnixNano: nanosOf(span.startUs),
  endTimeUnixNano: nanosOf(span.endUs),
  attributes: Object.entries(span.attributes).map(([key, value]) => ({ key, value: encodeValue(value) })),
});

function encodeValue(value: unknown): AnyValue {
  if (Array.isArray(value)) return { arrayValue: { values: value.map(encodeValue) } };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value !== 'number') return { stringValue: String(value) };
  return Number.isInteger(value) ? { intValue: `${value}` } : { doubleValue: value };
}
