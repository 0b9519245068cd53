import type { StainlessProvider } from '../provider.js';
import { chatCompletions } from './openai/chat.js';
import { embeddings } from './openai/embeddings.js';
import { legacyCompletions } from './openai/legacy-completions.js';
import { openaiModule } from './openai/module.js';
import { responses, responsesCompact, responsesRetrieve } from './openai/responses.js';

/** The `openai` package, for OpenAI and for every host that speaks its API. */
export const openai: StainlessProvider = {
  name: 'openai',
  module: openaiModule,
  client: { style: 'stainless' },
  endpoints: [chatCompletions, legacyCompletions, responses, responsesRetrieve, responsesCompact, embeddings],
};
