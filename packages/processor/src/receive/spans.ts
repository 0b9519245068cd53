import type { SpanView } from '@costspan/aggregate';
import {
  ATTR,
  CONTENT_ATTRIBUTES,
  DIALECT_ATTR,
  ENTRY_ATTR,
  EVALUATION_EVENT,
  EXCEPTION_EVENT,
  SAME_AS,
} from '@costspan/semconv';
import { translateSpan } from './dialects.js';

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
const WANTED = new Set<string>(
  [
    ...Object.values(ATTR),
    ...Object.values(ENTRY_ATTR),
    ...Object.values(DIALECT_ATTR),
    ...Object.keys(SAME_AS),
  ].filter((name) => !CONTENT.has(name)),
);

/** What counts the requests to provider-hosted tools, whose names are not known beforehand. */
const USAGE_PREFIX = ATTR.USAGE_STATUS.replace(/[^.]+$/, '');

/** Events of spans that anything reads. */
const WANTED_EVENTS: readonly string[] = [EXCEPTION_EVENT, EVALUATION_EVENT];
/** Events of one span that are read; an emitter that loops is no reason to fill the memory. */
export const MAX_EVENTS_PER_SPAN = 128;

/** What is decoded beyond what the conventions name, and until when a clock is believed. */
export interface DecodeOptions {
  /** Attributes that the outcome rules name. */
  readonly attributeNames?: ReadonlySet<string>;
  /** Spans that end after it have an absurd clock. Milliseconds since the epoch. */
  readonly latestMs?: number;
}

/** Whether anything reads the attribute. All others are passed over undecoded: prompts above all. */
export const wantsAttribute =
  ({ attributeNames }: DecodeOptions) =>
  (name: string): boolean =>
    WANTED.has(name) || name.startsWith(USAGE_PREFIX) || attributeNames?.has(name) === true;
export const isWantedEvent = (name: string): boolean => WANTED_EVENTS.includes(name);

const TRACE_ID = /^(?!0{32})[0-9a-f]{32}$/;
const SPAN_ID = /^(?!0{16})[0-9a-f]{16}$/;
/** Some emitters write the id of no span for none; what is no id at all is no reason to refuse the span. */
export const readParentId = (spanId: string): string => (SPAN_ID.test(spanId) ? spanId : '');
/** 1 January 2000: before that, there was nothing to call. */
const MIN_MS = 946_684_800_000;
/** An exact double still holds microseconds, and `Date` the instant. */
const MAX_MS = 8_000_000_000_000;

/** Why this span cannot be counted; undefined when it can. */
export function findRejection(span: SpanView, latestMs: number): SpanRejection | undefined {
  if (!TRACE_ID.test(span.traceId)) return 'invalid_trace_id';
  if (!SPAN_ID.test(span.spanId)) return 'invalid_span_id';
  const hasTime =
    span.startMs >= MIN_MS && span.endMs >= MIN_MS && span.startMs < latestMs && span.endMs < latestMs;
  return hasTime ? undefined : 'invalid_time';
}

/** An order in which what is inside comes before what is around it: of two spans that tell one call the first counts. */
export const innerFirst = (a: SpanView, b: SpanView): number => a.endMs - b.endMs || b.startMs - a.startMs;

/** Sorts the spans of one request, and takes each for what its emitter means by it. */
export function sortSpans(all: readonly SpanView[], { latestMs = MAX_MS }: DecodeOptions = {}): SpanBatch {
  const spans: SpanView[] = [];
  const rejected: SpanRejection[] = [];
  for (const span of all) {
    const rejection = findRejection(span, latestMs);
    if (rejection === undefined) spans.push(translateSpan(span));
    else rejected.push(rejection);
  }
  return { spans, rejected };
}
