import { PROVIDER } from '@costspan/semconv';
import type { Endpoint, StainlessProvider } from '../provider.js';
import { chatCompletions } from './openai/chat.js';
import { compatibleEndpoints } from './openai/compatible.js';
import { legacyCompletions } from './openai/legacy-completions.js';
import { unstatedPost } from './unstated.js';
import { writerModule } from './writer/module.js';

/** `chat.chat`: chat completions under another path. */
const chat: Endpoint = { ...chatCompletions, path: /^\/chat(?:\?.*)?$/ };

/** Models that work behind an application, a question to a graph and a tool. */
const unstated = unstatedPost(
  /^\/(?:applications\/(?:[^/?]+(?:\/jobs)?|jobs\/[^/?]+\/retry)|graphs\/question|tools\/[^?]+|translation|vision)(?:\?.*)?$/,
  { name: 'applications', what: 'applications, graphs and tools of Writer' },
);

/** The `writer-sdk` package. */
export const writer: StainlessProvider = {
  name: 'writer',
  module: writerModule,
  client: { style: 'stainless' },
  endpoints: compatibleEndpoints({ provider: PROVIDER.WRITER, prefix: '/v1' }, [
    chat,
    legacyCompletions,
    unstated,
  ]),
};
