import type { SpanView } from '@costspan/aggregate';
import { ATTR, CONTENT_ATTRIBUTES } from '@costspan/semconv';

/** What one request holds. */
export interface SpanBatch {
  readonly spans: readonly SpanView[];
  /** Spans that were left out, each for a reason; OTLP calls the rest a partial success. */
  readonly rejected: readonly SpanRejection[];
}

/** Why a span was left out; a label value. */
export type SpanRejection = 'invalid_trace_id' | 'invalid_span_id' | 'invalid_time';

/** Arrays and maps in attribute values go this deep; nothing that is read is nested at all. */
export const MAX_VALUE_DEPTH = 16;

const CONTENT = new Set(CONTENT_ATTRIBUTES);
const WANTED = new Set<string>(Object.values(ATTR).filter((name) => !CONTENT.has(name)));

/** What counts the requests to provider-hosted tools, whose names are not known beforehand. */
const USAGE_PREFIX = ATTR.USAGE_STATUS.replace(/[^.]+$/, '');

/** Whether anything reads the attribute. All others are passed over undecoded: prompts above all. */
export const isWanted = (name: string): boolean => WANTED.has(name) || name.startsWith(USAGE_PREFIX);

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;
/** 1 January 2000: before that, there was nothing to call. */
const MIN_MS = 946_684_800_000;
/** An exact double still holds microseconds, and `Date` the instant. */
const MAX_MS = 8_000_000_000_000;

/** Why this span cannot be counted; undefined when it can. */
export function findRejection(span: SpanView): SpanRejection | undefined {
  if (!TRACE_ID.test(span.traceId)) return 'invalid_trace_id';
  if (!SPAN_ID.test(span.spanId)) return 'invalid_span_id';
  const hasTime =
    span.startMs >= MIN_MS && span.endMs >= MIN_MS && span.startMs < MAX_MS && span.endMs < MAX_MS;
  return hasTime ? undefined : 'invalid_time';
}

/** Sorts the spans of one request. */
export function sortSpans(all: readonly SpanView[]): SpanBatch {
  const spans: SpanView[] = [];
  const rejected: SpanRejection[] = [];
  for (const span of all) {
    const rejection = findRejection(span);
    if (rejection === undefined) spans.push(span);
    else rejected.push(rejection);
  }
  return { spans, rejected };
}
