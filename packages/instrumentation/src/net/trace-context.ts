import { CALLER_MEMBER } from '../attribution/caller.js';
import type { RecordedSpan } from '../record/recorder.js';
import type { NodeRequest } from './node-http.js';
import { changeUndiciHeaders } from './outgoing-headers.js';
import type { UndiciRequest } from './undici.js';

const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';
/** As W3C has it; the oldest member gives way. */
const MAX_MEMBERS = 32;

/**
 * Has a request to a gateway of one's own say which call it is: as `traceparent`, unless the application's OpenTelemetry
 * sends one by the time it is written, and in `tracestate`, which that leaves to us. Nothing else goes along.
 */
export function traceUndici(request: UndiciRequest, span: RecordedSpan): void {
  const { traceparent, addState } = readContext(span);
  changeUndiciHeaders(request, [
    [TRACEPARENT, (sent) => preferOthers(sent, traceparent)],
    [TRACESTATE, (sent) => [addState(sent.join(','))]],
  ]);
}

/** Whoever reads the headers to add one of theirs has had ours added. */
function preferOthers(sent: readonly string[], ours: string): readonly string[] {
  const others = sent.filter((text) => text !== ours);
  return others.length === 0 ? [ours] : others;
}

/** The same of a request of `node:http`, which has its headers when it is made, or is given them at once. */
export function traceNodeRequest(request: NodeRequest, span: RecordedSpan): void {
  const { traceparent, addState } = readContext(span);
  if (request.headersSent) return;
  if (request.getHeader(TRACEPARENT) === undefined) request.setHeader(TRACEPARENT, traceparent);
  const state = request.getHeader(TRACESTATE);
  request.setHeader(TRACESTATE, addState(typeof state === 'string' ? state : undefined));
}

interface CallContext {
  readonly traceparent: string;
  readonly addState: (sent: string | undefined) => string;
}

function readContext({ live, context }: RecordedSpan): CallContext {
  const { traceId, spanId, traceFlags } = live?.spanContext() ?? context;
  const flags = (traceFlags & 0xff).toString(16).padStart(2, '0');
  const member = `${CALLER_MEMBER}=${traceId}-${spanId}`;
  const isOurs = (other: string): boolean => other.startsWith(`${CALLER_MEMBER}=`);
  return {
    traceparent: `00-${traceId}-${spanId}-${flags}`,
    addState: (sent = '') => {
      const others = sent.split(',').map((other) => other.trim());
      const kept = others.filter((other) => other !== '' && !isOurs(other));
      return [member, ...kept].slice(0, MAX_MEMBERS).join(',');
    },
  };
}
