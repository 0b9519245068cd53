import type { SpanView } from '@costspan/aggregate';
import type { Attributes } from './attribute-list.js';

/** A span while it is decoded. */
export type OpenSpan = { -readonly [Key in keyof SpanView]: SpanView[Key] } & { attributes: Attributes };

/** What all spans of one scope have. */
export type Origin = Pick<SpanView, 'resource' | 'scopeName'>;

/** Status codes of OTLP. */
export const STATUS = { OK: 1, ERROR: 2 } as const;

/** One of which nothing has been read yet. */
export const createSpan = ({ resource, scopeName }: Origin): OpenSpan => ({
  traceId: '',
  spanId: '',
  parentSpanId: '',
  name: '',
  kind: 'unspecified',
  startMs: 0,
  endMs: 0,
  hasErrorStatus: false,
  attributes: {},
  resource,
  scopeName,
});

export function setTraceState(span: OpenSpan, traceState: string): void {
  if (traceState !== '') span.traceState = traceState;
}

export function setStatus(span: OpenSpan, code: number): void {
  span.hasErrorStatus = code === STATUS.ERROR;
  if (code === STATUS.OK) span.hasOkStatus = true;
}
