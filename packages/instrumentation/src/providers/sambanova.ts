import { PROVIDER } from '@costspan/semconv';
import type { StainlessProvider } from '../provider.js';
import { transcriptions, translations } from './openai/audio.js';
import { chatCompletions } from './openai/chat.js';
import { AUDIO_UPLOADS, compatibleEndpoints } from './openai/compatible.js';
import { embeddings } from './openai/embeddings.js';
import { legacyCompletions } from './openai/legacy-completions.js';
import { sambanovaModule } from './sambanova/module.js';

/** The `sambanova` package. */
export const sambanova: StainlessProvider = {
  name: 'sambanova',
  module: sambanovaModule,
  client: { style: 'stainless', uploads: AUDIO_UPLOADS },
  endpoints: compatibleEndpoints({ provider: PROVIDER.SAMBANOVA }, [
    chatCompletions,
    legacyCompletions,
    embeddings,
    transcriptions,
    translations,
  ]),
};
