import type { StainlessProvider } from '../provider.js';
import { managedAgents } from './anthropic/agents.js';
import { messageBatches, messageBatchResults } from './anthropic/batches.js';
import { anthropicCompletions } from './anthropic/completions.js';
import { countTokens, messages } from './anthropic/messages.js';
import { anthropicModule } from './anthropic/module.js';

/** The `@anthropic-ai/sdk` package; its Bedrock and Vertex clients extend the same class. */
export const anthropic: StainlessProvider = {
  name: 'anthropic',
  module: anthropicModule,
  client: {
    style: 'stainless',
    // From 0.134 on the SDK starts spans of its own, for far more than we record: only these yield.
    ownSpans: { tracerProperty: '_tracer', names: /^anthropic\.messages\.(?:create|count_tokens)$/ },
    validating: [
      ['Messages', 'parse'],
      ['Beta', 'Messages', 'parse'],
    ],
    validatingStreams: [
      ['Messages', 'stream'],
      ['Beta', 'Messages', 'stream'],
    ],
  },
  endpoints: [
    messages,
    countTokens,
    messageBatches,
    messageBatchResults,
    anthropicCompletions,
    managedAgents,
  ],
};
