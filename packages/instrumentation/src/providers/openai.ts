import type { StainlessProvider } from '../provider.js';
import { agentSessions, gradersRun } from './openai/agents.js';
import { speech, transcriptions, translations } from './openai/audio.js';
import { batches, batchesRetrieve, filesContent } from './openai/batches.js';
import { chatCompletions } from './openai/chat.js';
import { decisions } from './openai/decisions.js';
import { embeddings } from './openai/embeddings.js';
import { imagesEdit, imagesGenerate, imagesVariation } from './openai/images.js';
import {
  evalRuns,
  evalRunsRetrieve,
  fineTuning,
  fineTuningRetrieve,
  videos,
  videosRetrieve,
} from './openai/jobs.js';
import { legacyCompletions } from './openai/legacy-completions.js';
import { moderations } from './openai/moderations.js';
import { openaiModule } from './openai/module.js';
import { rerank } from './openai/rerank.js';
import { responses, responsesCompact, responsesInputTokens, responsesRetrieve } from './openai/responses.js';
import { runRetrievals, runs } from './openai/runs.js';
import { acceptedCalls, browserSessions } from './openai/sessions.js';

/** The `openai` package, for OpenAI and for every host that speaks its API. */
export const openai: StainlessProvider = {
  name: 'openai',
  module: openaiModule,
  client: {
    style: 'stainless',
    uploads: [
      ['Images', 'edit'],
      ['Images', 'createVariation'],
      ['Audio', 'Transcriptions', 'create'],
      ['Audio', 'Translations', 'create'],
      ['Videos', 'create'],
      ['Videos', 'edit'],
      ['Videos', 'extend'],
    ],
    validatingStreams: [
      ['Chat', 'Completions', 'stream'],
      ['Responses', 'stream'],
    ],
  },
  endpoints: [
    chatCompletions,
    legacyCompletions,
    responses,
    responsesRetrieve,
    responsesCompact,
    responsesInputTokens,
    embeddings,
    rerank,
    imagesGenerate,
    imagesEdit,
    imagesVariation,
    transcriptions,
    translations,
    speech,
    moderations,
    decisions,
    videos,
    videosRetrieve,
    batches,
    batchesRetrieve,
    filesContent,
    fineTuning,
    fineTuningRetrieve,
    evalRuns,
    evalRunsRetrieve,
    agentSessions,
    gradersRun,
    runs,
    ...runRetrievals,
    browserSessions,
    acceptedCalls,
  ],
};
