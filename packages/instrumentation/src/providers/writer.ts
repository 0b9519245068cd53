import { PROVIDER } from '@costspan/semconv';
import type { Endpoint, StainlessProvider } from '../provider.js';
import { chatCompletions } from './openai/chat.js';
import { compatibleEndpoints } from './openai/compatible.js';
import { legacyCompletions } from './openai/legacy-completions.js';
import { writerModule } from './writer/module.js';

/** `chat.chat`: chat completions under another path. */
const chat: Endpoint = { ...chatCompletions, path: /^\/chat(?:\?.*)?$/ };

/** The `writer-sdk` package. */
export const writer: StainlessProvider = {
  name: 'writer',
  module: writerModule,
  client: { style: 'stainless' },
  endpoints: compatibleEndpoints({ provider: PROVIDER.WRITER, prefix: '/v1' }, [chat, legacyCompletions]),
};
