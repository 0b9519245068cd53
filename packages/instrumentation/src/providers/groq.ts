import { PROVIDER } from '@costspan/semconv';
import type { StainlessProvider } from '../provider.js';
import { groqModule } from './groq/module.js';
import { chatCompletions } from './openai/chat.js';
import { compatibleEndpoints } from './openai/compatible.js';
import { embeddings } from './openai/embeddings.js';

/** The `groq-sdk` package. Its streams end with `x_groq.usage`, asked or not. */
export const groq: StainlessProvider = {
  name: 'groq',
  module: groqModule,
  client: { style: 'stainless' },
  endpoints: compatibleEndpoints({ provider: PROVIDER.GROQ, prefix: '/openai/v1', sendsStreamUsage: true }, [
    chatCompletions,
    embeddings,
  ]),
};
