import type { BilledReply } from '@costspan/testkit';
import { expect, test } from 'vitest';
import { sumBill } from '../src/report/bill.ts';

const reply: BilledReply = {
  index: 0,
  provider: 'openai',
  endpoint: 'chat.completions',
  requestModel: 'gpt-4o-mini',
  model: 'gpt-4o-mini-2024-07-18',
  status: 200,
  attempt: 1,
  isStream: false,
  delivery: 'whole',
  eventsSent: 1,
  eventsTotal: 1,
};

test('OpenAI: cached input is part of the input', () => {
  const usageSent = {
    prompt_tokens: 1000,
    completion_tokens: 10,
    total_tokens: 1010,
    prompt_tokens_details: { cached_tokens: 400 },
  };
  // 600 at $0.15, 400 at $0.075 and 10 at $0.60 per million tokens are $0.000126.
  expect(sumBill([{ ...reply, usageSent }]).totalPicoUsd).toBe(126_000_000n);
});

test('Anthropic: cache reads and writes are beside the input', () => {
  const usageSent = {
    input_tokens: 100,
    cache_read_input_tokens: 2000,
    cache_creation_input_tokens: 1000,
    cache_creation: { ephemeral_5m_input_tokens: 1000, ephemeral_1h_input_tokens: 0 },
    output_tokens: 50,
  };
  const message = { ...reply, endpoint: 'messages', model: 'claude-haiku-4-5-20251001', usageSent } as const;
  // 100 at $1, 2000 at $0.10, 1000 at $1.25 and 50 at $5 per million tokens are $0.0018.
  expect(sumBill([message]).totalPicoUsd).toBe(1_800_000_000n);
});

test('responses and embeddings are priced from their own fields', () => {
  const usageSent = {
    input_tokens: 80,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 200,
    total_tokens: 280,
  };
  const response = { ...reply, endpoint: 'responses', model: 'gpt-5-mini-2025-08-07', usageSent } as const;
  const embeddings = {
    ...reply,
    endpoint: 'embeddings',
    model: 'text-embedding-3-small',
    usageSent: { prompt_tokens: 50, total_tokens: 50 },
  } as const;
  // 80 at $0.25 and 200 at $2, and 50 at $0.02 per million tokens.
  expect(sumBill([response, embeddings]).totalPicoUsd).toBe(420_000_000n + 1_000_000n);
  // Fetched again, a stored response is not paid again.
  const again = { ...response, endpoint: 'responses.retrieve' } as const;
  expect(sumBill([response, again])).toEqual({
    totalPicoUsd: 420_000_000n,
    calls: 1,
    errors: 0,
    cutStreams: 0,
  });
});

test('retries and errors cost nothing and are no further calls; what was never stated is not in the sum', () => {
  const log: BilledReply[] = [
    { ...reply, status: 429 },
    { ...reply, attempt: 2, usage: { prompt_tokens: 10 }, delivery: 'cut' },
  ];
  expect(sumBill(log)).toEqual({ totalPicoUsd: 0n, calls: 1, errors: 1, cutStreams: 1 });
});

test('a model without a price stops the proof instead of costing nothing', () => {
  const unknown = { ...reply, model: 'gpt-9', usageSent: { prompt_tokens: 1, total_tokens: 1 } };
  expect(() => sumBill([unknown])).toThrow("the demo's price list has no model gpt-9");
});
