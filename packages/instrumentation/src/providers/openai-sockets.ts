import type { EventsProvider } from '../provider.js';
import { liveDecisions, liveResponses, liveSession } from './openai/live.js';
import { OPENAI_SOCKETS, openaiSocketsModule } from './openai/module.js';
import { realtime, realtimeTranscription, socketResponses } from './openai/realtime.js';

/** The connections of the `openai` package that stay open: realtime, live, and responses over a WebSocket. */
export const openaiSockets: EventsProvider = {
  name: OPENAI_SOCKETS,
  module: openaiSocketsModule,
  client: {
    style: 'events',
    hears: /\/(?:realtime|responses|live)(?:\/|$)/,
    method: '_emit',
    // Each event is handed on twice: as `event`, and under its own type.
    readEvent: ([name, event]) => (name === 'event' ? event : undefined),
    readBaseUrl(connection) {
      const { url } = connection as { url?: unknown };
      return url instanceof URL || typeof url === 'string' ? String(url).replace(/^ws/, 'http') : undefined;
    },
  },
  endpoints: [realtime, realtimeTranscription, socketResponses, liveSession, liveResponses, liveDecisions],
};
