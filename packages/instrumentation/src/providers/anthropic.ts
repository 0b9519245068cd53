import type { Provider } from '../provider.js';
import { countTokens, messages } from './anthropic/messages.js';

/** The `@anthropic-ai/sdk` package; its Bedrock and Vertex clients extend the same class. */
export const anthropic: Provider = {
  name: 'anthropic',
  module: {
    package: '@anthropic-ai/sdk',
    versions: { from: '0.20.0', below: '2.0.0' },
    // The class moved from index to client during 0.x.
    files: ['client', 'index'],
    exportName: 'Anthropic',
  },
  client: {
    style: 'stainless',
    // From 0.134 on the SDK starts spans of its own, for far more than we record: only these yield.
    ownSpans: { tracerProperty: '_tracer', names: /^anthropic\.messages\.(?:create|count_tokens)$/ },
  },
  endpoints: [messages, countTokens],
};
