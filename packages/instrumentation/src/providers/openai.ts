import type { Provider } from '../provider.js';
import { chatCompletions } from './openai/chat.js';
import { embeddings } from './openai/embeddings.js';
import { legacyCompletions } from './openai/legacy-completions.js';
import { responses, responsesCompact, responsesRetrieve } from './openai/responses.js';

/** The `openai` package, for OpenAI and for every host that speaks its API. */
export const openai: Provider = {
  name: 'openai',
  module: {
    package: 'openai',
    versions: { from: '4.0.0', below: '8.0.0' },
    // 4 defines the class in index, 5 and later in client.
    files: ['client', 'index'],
    exportName: 'OpenAI',
  },
  client: { style: 'stainless' },
  endpoints: [chatCompletions, legacyCompletions, responses, responsesRetrieve, responsesCompact, embeddings],
};
