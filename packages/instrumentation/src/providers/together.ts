import { PROVIDER } from '@costspan/semconv';
import type { StainlessProvider } from '../provider.js';
import { speech, transcriptions, translations } from './openai/audio.js';
import { batches, batchesRetrieve, filesContent } from './openai/batches.js';
import { chatCompletions } from './openai/chat.js';
import { AUDIO_UPLOADS, compatibleEndpoints } from './openai/compatible.js';
import { embeddings } from './openai/embeddings.js';
import { imagesGenerate } from './openai/images.js';
import { videos, videosRetrieve } from './openai/jobs.js';
import { legacyCompletions } from './openai/legacy-completions.js';
import { rerank } from './openai/rerank.js';
import { togetherModule } from './together/module.js';
import { unstatedPost } from './unstated.js';

/** Work that goes on by itself, and code that is run. */
const UNSTATED = (
  [
    ['fine-tunes', 'tuning jobs'],
    ['evaluation', 'evaluations'],
    ['queue/submit', 'queued jobs'],
    ['tci/execute', 'runs of code'],
  ] as const
).map(([path, what]) =>
  unstatedPost(new RegExp(`^/${path}(?:\\?.*)?$`), { name: path, what: `${what} of Together` }),
);

/** The `together-ai` package. The last chunk of a stream carries its usage, asked or not. */
export const together: StainlessProvider = {
  name: 'together',
  module: togetherModule,
  client: { style: 'stainless', uploads: AUDIO_UPLOADS },
  endpoints: compatibleEndpoints({ provider: PROVIDER.TOGETHER, sendsStreamUsage: true }, [
    chatCompletions,
    legacyCompletions,
    embeddings,
    rerank,
    imagesGenerate,
    transcriptions,
    translations,
    speech,
    videos,
    videosRetrieve,
    batches,
    batchesRetrieve,
    filesContent,
    ...UNSTATED,
  ]),
};
