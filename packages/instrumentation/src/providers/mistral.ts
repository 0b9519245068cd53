import type { EventsProvider, MethodsProvider } from '../provider.js';
import { readFields, readText } from './fields.js';
import { mistralEndpoints } from './mistral/endpoints.js';
import { mistralModule, mistralSocketsModule } from './mistral/module.js';
import { realtimeTranscription } from './mistral/realtime.js';
import { SPEAKEASY } from './speakeasy.js';

/** The `@mistralai/mistralai` package. */
export const mistral: MethodsProvider = {
  name: 'mistral',
  module: mistralModule,
  client: SPEAKEASY,
  endpoints: mistralEndpoints,
};

/** Its connections that stay open. */
export const mistralSockets: EventsProvider = {
  name: 'mistral-sockets',
  module: mistralSocketsModule,
  client: {
    style: 'events',
    hears: /\/audio\/transcriptions\/realtime$/,
    // Each event passes here on its way to the application.
    method: 'applySessionEvent',
    readEvent: ([event]) => event,
    readBaseUrl: (connection) =>
      readText(readFields((connection as { websocket?: unknown }).websocket).url)?.replace(/^ws/, 'http'),
  },
  endpoints: [realtimeTranscription],
};
