import { PROVIDER } from '@costspan/semconv';
import type { StainlessProvider } from '../provider.js';
import { groqModule } from './groq/module.js';
import { speech, transcriptions, translations } from './openai/audio.js';
import { batches, batchesRetrieve, filesContent } from './openai/batches.js';
import { chatCompletions } from './openai/chat.js';
import { AUDIO_UPLOADS, compatibleEndpoints } from './openai/compatible.js';
import { embeddings } from './openai/embeddings.js';

/** The `groq-sdk` package. Its streams end with `x_groq.usage`, asked or not. */
export const groq: StainlessProvider = {
  name: 'groq',
  module: groqModule,
  client: { style: 'stainless', uploads: AUDIO_UPLOADS },
  endpoints: compatibleEndpoints({ provider: PROVIDER.GROQ, prefix: '/openai/v1', sendsStreamUsage: true }, [
    chatCompletions,
    embeddings,
    transcriptions,
    translations,
    speech,
    batches,
    batchesRetrieve,
    filesContent,
  ]),
};
