import { ATTR, OPERATION } from '@costspan/semconv';
import type { CallRequest, CallResult, EventEndpoint } from '../../provider.js';
import { omitUndefined, readFields, readNumber, readText } from '../fields.js';
import { decisions } from './decisions.js';
import { socketResponses } from './realtime.js';
import { readOpenaiRequest } from './request.js';

/** What the events of a live session have said of it; a connection has one at most. */
interface LiveSession {
  readonly id: string | undefined;
  readonly model: string | undefined;
  /** The event at hand is the first one. */
  readonly isBeginning: boolean;
}

const USAGE_EVENTS: ReadonlySet<unknown> = new Set(['session.usage.updated', 'session.closed']);

/** A connection beside the one that carries the sound may come when the session has long begun. */
function readSession(soFar: unknown, event: unknown): LiveSession | undefined {
  const before = soFar as LiveSession | undefined;
  const { type, session } = readFields(event);
  const { id, model } = readFields(session);
  const isStart = type === 'session.started' && id !== before?.id;
  if (isStart || (before === undefined && USAGE_EVENTS.has(type)))
    return { id: readText(id), model: readText(model), isBeginning: true };
  return before?.isBeginning === true ? { ...before, isBeginning: false } : before;
}

/** A session of a live model: billed by the time that it is open, whoever speaks. */
export const liveSession: EventEndpoint = {
  name: 'live.session',
  remember: readSession,
  readStart(_event, remembered) {
    const session = remembered as LiveSession | undefined;
    return session?.isBeginning === true
      ? { id: SESSION, sent: { path: '/live', body: session } }
      : undefined;
  },
  readPart: (event) => (USAGE_EVENTS.has(readFields(event).type) ? SESSION : undefined),
  readEnd: (event) => (readFields(event).type === 'session.closed' ? SESSION : undefined),
  readRequest(call) {
    const request = readOpenaiRequest(call, {
      operation: OPERATION.CHAT,
      attributes: { [ATTR.REQUEST_STREAM]: true },
    });
    return omitUndefined<CallRequest>({ ...request, isStream: true, state: readFields(call.body).id });
  },
  readResponse(event, request) {
    const result = readSeconds(event, request);
    return result.usage === undefined ? result : { ...result, usageStatus: 'complete' };
  },
  // A connection that breaks leaves what it has said so far.
  readChunk: (_soFar, event, request) => readSeconds(event, request),
};
const SESSION = 'session';

/** Seconds are those of the whole session so far. */
function readSeconds(event: unknown, request: CallRequest): CallResult {
  const { usage, reason } = readFields(event);
  const seconds = readNumber(readFields(usage).seconds);
  const finish = readText(reason);
  return omitUndefined<CallResult>({
    usageStatus: seconds === undefined ? 'missing' : 'partial',
    usage: seconds === undefined ? undefined : { units: { session_ms: Math.round(seconds * 1_000) } },
    responseId: readText(request.state),
    finishReasons: finish === undefined ? undefined : [finish],
  });
}

/** The event of a response that stands within an event of the session. */
const readNested = (event: unknown): unknown => {
  const { type, event: nested } = readFields(event);
  return type === 'response.event' ? nested : undefined;
};

/** What a live session delegates to a model that answers in responses: billed besides, as any response. */
export const liveResponses: EventEndpoint = {
  ...socketResponses,
  name: 'responses.live',
  readStart: (event, remembered) => socketResponses.readStart(readNested(event), remembered),
  readEnd: (event, remembered) => socketResponses.readEnd(readNested(event), remembered),
  readResponse: (event, request) => socketResponses.readResponse(readNested(event), request),
};

/** What it asks to be decided: one event is all that there is of the call. */
const readDecided = (event: unknown): string | undefined => {
  const { type, event_id } = readFields(event);
  return type === 'decision.event' ? readText(event_id) : undefined;
};
const readDecision = (event: unknown) => readFields(readFields(event).event).decision;

export const liveDecisions: EventEndpoint = {
  name: 'decisions.live',
  readStart(event) {
    const id = readDecided(event);
    const { model } = readFields(readDecision(event));
    return id === undefined ? undefined : { id, sent: { path: '/decisions', body: { model } } };
  },
  readEnd: readDecided,
  readRequest: (call) => decisions.readRequest(call),
  readResponse: (event, request) => decisions.readResponse(readDecision(event), request),
};
