import type { SpanContext } from '@opentelemetry/api';

/** Our member of a `tracestate` header: the span of the call that the request is, by trace and span. */
export const CALLER_MEMBER = 'costspan';
const CALLER = new RegExp(`(?:^|,)[ \\t]*${CALLER_MEMBER}=([\\da-f]{32})-([\\da-f]{16})[ \\t]*(?:,|$)`);
const FLAGS = /^00-[\da-f]{32}-[\da-f]{16}-([\da-f]{2})$/;
const SAMPLED = 1;

/** Headers of a request by their lower-case names, as Node has them. */
export type RequestHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/**
 * The call of another service of yours that a request is, where costspan there sends it to a gateway of yours
 * (`COSTSPAN_LLM_GATEWAYS`): what is asked for such a request is asked on that call's behalf.
 */
export function readCaller({ tracestate, traceparent }: RequestHeaders): SpanContext | undefined {
  if (typeof tracestate !== 'string') return undefined;
  const [, traceId, spanId] = CALLER.exec(tracestate) ?? [];
  if (traceId === undefined || spanId === undefined) return undefined;
  const flags = typeof traceparent === 'string' ? FLAGS.exec(traceparent)?.[1] : undefined;
  const traceFlags = flags === undefined ? SAMPLED : Number.parseInt(flags, 16) & SAMPLED;
  return { traceId, spanId, traceFlags, isRemote: true };
}
