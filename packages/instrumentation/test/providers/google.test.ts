/** What Google's answers say besides their tokens. */
import { expect, it } from 'vitest';
import { type CallRequest, type CallResult, EMPTY_RESULT } from '../../src/provider.ts';
import { readGenerated, readGeneratedChunk } from '../../src/providers/google/generate.ts';

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
