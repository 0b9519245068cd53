import { PROVIDER } from '@costspan/semconv';
import type { StainlessProvider } from '../provider.js';
import { chatCompletions } from './openai/chat.js';
import { compatibleEndpoints } from './openai/compatible.js';
import { embeddings } from './openai/embeddings.js';
import { legacyCompletions } from './openai/legacy-completions.js';
import { sambanovaModule } from './sambanova/module.js';

/** The `sambanova` package. */
export const sambanova: StainlessProvider = {
  name: 'sambanova',
  module: sambanovaModule,
  client: { style: 'stainless' },
  endpoints: compatibleEndpoints({ provider: PROVIDER.SAMBANOVA }, [
    chatCompletions,
    legacyCompletions,
    embeddings,
  ]),
};
