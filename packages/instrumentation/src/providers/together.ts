import { PROVIDER } from '@costspan/semconv';
import type { StainlessProvider } from '../provider.js';
import { chatCompletions } from './openai/chat.js';
import { compatibleEndpoints } from './openai/compatible.js';
import { embeddings } from './openai/embeddings.js';
import { legacyCompletions } from './openai/legacy-completions.js';
import { togetherModule } from './together/module.js';

/** The `together-ai` package. The last chunk of a stream carries its usage, asked or not. */
export const together: StainlessProvider = {
  name: 'together',
  module: togetherModule,
  client: { style: 'stainless' },
  endpoints: compatibleEndpoints({ provider: PROVIDER.TOGETHER, sendsStreamUsage: true }, [
    chatCompletions,
    legacyCompletions,
    embeddings,
  ]),
};
