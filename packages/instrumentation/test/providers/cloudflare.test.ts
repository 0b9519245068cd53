import { createPricer } from '@costspan/pricing';
import { expect, it } from 'vitest';
import { findWire } from '../../src/net/wire.ts';
import { EMPTY_RESULT } from '../../src/provider.ts';

const MODEL = '@cf/meta/llama-3.1-8b-instruct';
const URL_OF_RUN = `https://api.cloudflare.com/client/v4/accounts/a1b2/ai/run/${MODEL}`;
const USAGE = { prompt_tokens: 1_000, completion_tokens: 40, total_tokens: 1_040 };
const PRICED = { inputTokens: 1_000, outputTokens: 40 };

function ask(body: object) {
  const { readers, path, baseUrl } = findWire(URL_OF_RUN, 'POST', true)!;
  return { readers, request: readers.readRequest({ path, body, client: { baseUrl, classNames: [] } }) };
}

it('reads what Workers AI answers, whole and streamed, and has its price', () => {
  const { readers, request } = ask({ messages: [] });
  expect(request).toMatchObject({ operation: 'chat', provider: 'cloudflare', model: MODEL });
  const whole = readers.readResponse({ result: { response: 'Moon.', usage: USAGE }, success: true }, request);
  expect(whole).toMatchObject({ usageStatus: 'complete', usage: PRICED });
  const chunks = [{ response: 'Moon.' }, { response: '', usage: USAGE }];
  const streamed = chunks.reduce((soFar, chunk) => readers.readChunk!(soFar, chunk, request), EMPTY_RESULT);
  expect(streamed).toMatchObject({ usageStatus: 'complete', usage: PRICED });
  const price = createPricer().price(whole.usage, {
    provider: 'cloudflare',
    model: MODEL,
    atMs: Date.parse('2026-11-28'),
  });
  // 1000 × 0.282 + 40 × 0.827 USD per million.
  expect(price).toMatchObject({ status: 'priced', amountPicoUsd: 282_000_000 + 33_080_000 });
});

it('takes an embedding for one, whose answer does not say what it used', () => {
  const { readers, request } = ask({ text: ['moon'] });
  expect(request.operation).toBe('embeddings');
  expect(readers.readResponse({ result: { shape: [1, 2], data: [[0, 1]] } }, request).usageStatus).toBe(
    'missing',
  );
});
