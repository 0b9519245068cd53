import { OPERATION } from '@costspan/semconv';
import type { Endpoint } from '../../provider.js';
import { readFields } from '../fields.js';
import { unstatedPost } from '../unstated.js';

const sessions = unstatedPost(
  /^\/(?:realtime\/(?:calls|(?:transcription_)?sessions|(?:translations\/)?client_secrets)|live\/sessions(?:\/[^/?]+\/fork)?|chatkit\/sessions)(?:\?.*)?$/,
  { name: 'realtime.sessions', what: 'sessions between browsers and OpenAI', operation: OPERATION.CHAT },
);

/**
 * Sessions of realtime, live and ChatKit that the application opens for somebody's browser: what is said there never
 * comes by here. A telephone call that it accepts is none of them: that is listened to on a WebSocket.
 */
export const browserSessions: Endpoint = {
  ...sessions,
  readRequest(call) {
    const body = readFields(call.body);
    return sessions.readRequest({ ...call, body: { model: body.model ?? readFields(body.session).model } });
  },
};
