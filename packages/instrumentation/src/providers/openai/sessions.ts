import { OPERATION } from '@costspan/semconv';
import type { Endpoint, EndpointCall } from '../../provider.js';
import { readFields } from '../fields.js';
import { unstatedPost } from '../unstated.js';
import { OPENAI_SOCKETS } from './module.js';

const sessions = unstatedPost(
  /^\/(?:realtime\/(?:calls|(?:transcription_)?sessions|(?:translations\/)?client_secrets)|live\/sessions(?:\/[^/?]+\/fork)?|chatkit\/sessions)(?:\?.*)?$/,
  { name: 'realtime.sessions', what: 'sessions between browsers and OpenAI', operation: OPERATION.CHAT },
);

/**
 * Sessions of realtime, live and ChatKit that the application opens for somebody's browser: what is said there never
 * comes by here.
 */
export const browserSessions: Endpoint = {
  ...sessions,
  readRequest: (call) => sessions.readRequest(named(call)),
};

const calls = unstatedPost(/^\/(?:realtime\/calls|live\/sessions)\/[^/?]+\/accept(?:\?.*)?$/, {
  name: 'realtime.calls.accept',
  what: 'telephone calls that the application does not listen to',
  operation: OPERATION.CHAT,
});

/** Telephone calls that the application accepts: who listens to them loads the SDK's connections, which tell all. */
export const acceptedCalls: Endpoint = {
  ...calls,
  readRequest: (call) => ({
    ...calls.readRequest(named(call)),
    isRecorded: call.heard?.has(OPENAI_SOCKETS) !== true,
  }),
  readResponse: (body, request, head) =>
    request.isRecorded === false ? { usageStatus: 'missing' } : calls.readResponse(body, request, head),
};

function named(call: EndpointCall): EndpointCall {
  const body = readFields(call.body);
  return { ...call, body: { model: body.model ?? readFields(body.session).model } };
}
