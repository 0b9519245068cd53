import { readFileSync } from 'node:fs';
import type { SpanView } from '@costspan/aggregate';
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
