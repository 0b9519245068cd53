import { PROVIDER } from '@costspan/semconv';
import type { Endpoint, StainlessProvider } from '../provider.js';
import { chatCompletions } from './openai/chat.js';
import { compatibleEndpoints } from './openai/compatible.js';
import { embeddings } from './openai/embeddings.js';
import { responses, responsesRetrieve } from './openai/responses.js';
import { asyncCompletions, asyncCompletionsRetrieve } from './perplexity/async.js';
import { perplexityModule } from './perplexity/module.js';
import { unstatedPost } from './unstated.js';

/** Billed by the request and by the time. */
const UNSTATED = [
  unstatedPost(/^\/search(?:\?.*)?$/, { name: 'search', what: 'searches of Perplexity' }),
  unstatedPost(/^\/v1\/browser\/sessions(?:\?.*)?$/, {
    name: 'browser.sessions',
    what: 'browser sessions of Perplexity',
  }),
];

/** Embeddings of texts that stand together. */
const contextualizedEmbeddings: Endpoint = {
  ...embeddings,
  name: 'contextualizedEmbeddings',
  path: /^\/contextualizedembeddings(?:\?.*)?$/,
};

/** The `@perplexity-ai/perplexity_ai` package. Every chunk of a stream carries the usage so far, and what it cost. */
export const perplexity: StainlessProvider = {
  name: 'perplexity',
  module: perplexityModule,
  client: { style: 'stainless' },
  endpoints: [
    ...compatibleEndpoints({ provider: PROVIDER.PERPLEXITY, sendsStreamUsage: true }, [
      chatCompletions,
      asyncCompletions,
      asyncCompletionsRetrieve,
      ...UNSTATED,
    ]),
    ...compatibleEndpoints({ provider: PROVIDER.PERPLEXITY, prefix: '/v1' }, [
      responses,
      responsesRetrieve,
      embeddings,
      contextualizedEmbeddings,
    ]),
  ],
};
