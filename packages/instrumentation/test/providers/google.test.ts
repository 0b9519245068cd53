/** What Google's answers say besides their tokens. */
import { expect, it } from 'vitest';
import { type CallRequest, type CallResult, EMPTY_RESULT } from '../../src/provider.ts';
import { readGenerated, readGeneratedChunk } from '../../src/providers/google/generate.ts';
import { readGoogleUsage } from '../../src/providers/google/usage.ts';

const REQUEST: CallRequest = {
  operation: 'generate_content',
  provider: 'gcp.gemini',
  model: 'gemini-3-flash-preview',
  isStream: false,
  serverAddress: undefined,
  serverPort: undefined,
  attributes: {},
};
const usageMetadata = { promptTokenCount: 5, candidatesTokenCount: 2, totalTokenCount: 7 };
const answer = (groundingMetadata: object) => ({
  usageMetadata,
  candidates: [{ finishReason: 'STOP', groundingMetadata }],
});

it.each([
  [{ webSearchQueries: ['moon', 'distance'] }, { web_search: 2 }],
  [{ webSearchQueries: ['', 'moon', '', 'distance', 'moon'] }, { web_search: 2 }],
  [{ webSearchQueries: [''] }, undefined],
  [{ groundingChunks: [{ maps: { placeId: 'places/1' } }, { maps: { placeId: 'places/2' } }] }, { maps: 1 }],
  [{ googleMapsWidgetContextToken: 'canary' }, { maps: 1 }],
  [{ groundingChunks: [{ web: { uri: 'https://example.com' } }] }, undefined],
])('counts what an answer is grounded on: %j', (grounding, toolRequests) => {
  expect(readGenerated(answer(grounding), REQUEST).usage?.toolRequests).toEqual(toolRequests);
  const folded = [answer(grounding), { usageMetadata }].reduce<CallResult>(
    (soFar, chunk) => readGeneratedChunk(soFar, chunk, REQUEST),
    EMPTY_RESULT,
  );
  expect(folded.usage?.toolRequests).toEqual(toolRequests);
});

it('adds up what the prompt and the tools have of one modality', () => {
  const usage = readGoogleUsage({
    promptTokenCount: 1_000,
    toolUsePromptTokenCount: 600,
    promptTokensDetails: [
      { modality: 'TEXT', tokenCount: 500 },
      { modality: 'DOCUMENT', tokenCount: 200 },
      { modality: 'IMAGE', tokenCount: 300 },
    ],
    toolUsePromptTokensDetails: [
      { modality: 'IMAGE', tokenCount: 258 },
      { modality: 'AUDIO', tokenCount: 342 },
    ],
  });
  expect(usage).toEqual({ inputTokens: 1_600, input: { text: 700, image: 558, audio: 342 } });
});
