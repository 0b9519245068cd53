import { expect, test } from 'vitest';
import { createPricer, type PriceQuery, priceUsage, type Usage } from '../src/index.ts';
import { expectPriced, query } from './expect-priced.ts';

const usd = (amount: number): number => Math.round(amount * 1e12);

test('images by quality and size, video and audio by the second, text by the character, reranking by the search', () => {
  const cases: [Usage, PriceQuery, { inputPicoUsd?: number; outputPicoUsd?: number }][] = [
    [
      { units: { output_image: 3 }, unitVariant: 'hd 1024x1792' },
      query('openai', 'dall-e-3'),
      { outputPicoUsd: usd(0.36) },
    ],
    [
      { units: { output_image: 1 }, unitVariant: '512x512' },
      query('openai', 'dall-e-2'),
      { outputPicoUsd: usd(0.018) },
    ],
    [{ units: { output_video_ms: 8_000 } }, query('openai', 'sora-2'), { outputPicoUsd: usd(0.8) }],
    [{ units: { input_audio_ms: 60_000 } }, query('openai', 'whisper-1'), { inputPicoUsd: usd(0.006) }],
    [{ units: { input_character: 1_234 } }, query('openai', 'tts-1'), { inputPicoUsd: usd(1_234 * 15e-6) }],
    [
      { units: { output_image: 4 } },
      query('gcp.gemini', 'imagen-4.0-generate-001'),
      { outputPicoUsd: usd(0.16) },
    ],
    [
      { units: { output_video_ms: 4_000 }, unitVariant: '1080p' },
      query('gcp.gemini', 'veo-3.0-fast-generate-001'),
      { outputPicoUsd: usd(0.48) },
    ],
    [{ units: { search: 2 } }, query('cohere', 'rerank-v3.5'), { inputPicoUsd: usd(0.004) }],
    [{ units: { input_page: 7 } }, query('mistral_ai', 'mistral-ocr-2512'), { inputPicoUsd: usd(0.014) }],
  ];
  for (const [usage, asked, parts] of cases) expectPriced(usage, asked, parts);
});

test('a price an hour is exact in milliseconds, rounded once, with its minimum', () => {
  const whisper = query('groq', 'whisper-large-v3');
  // 0.111 USD / 3,600,000 ms × 12,345 ms = 380,637,500 pico-USD.
  expectPriced({ units: { input_audio_ms: 12_345 } }, whisper, { inputPicoUsd: 380_637_500 });
  // Ten seconds are the least: 308,333,333.3… pico-USD.
  expectPriced({ units: { input_audio_ms: 1 } }, whisper, { inputPicoUsd: 308_333_333 });
  expectPriced({ units: { input_audio_ms: 10_000 } }, whisper, { inputPicoUsd: 308_333_333 });
});

test('units take the mode and the discount of the call', () => {
  const pricer = createPricer({ contract: { discounts: [{ provider: 'mistral_ai', percent: 10 }] } });
  const batch = query('mistral_ai', 'mistral-ocr-2512', { mode: 'batch' });
  expect(pricer.price({ units: { input_page: 1_000 } }, batch)).toMatchObject({
    status: 'estimated',
    reason: 'batch_factor_unconfirmed',
    amountPicoUsd: usd(0.9),
  });
});

test('a unit without a price, or a variant nobody listed, is never 0', () => {
  const unpriced = { status: 'unpriced', reason: 'no_rate_for_unit' };
  expect(priceUsage({ units: { output_image: 1 } }, query('openai', 'dall-e-3'))).toEqual(unpriced);
  expect(
    priceUsage({ units: { output_image: 1 }, unitVariant: 'hd 9x9' }, query('openai', 'dall-e-3')),
  ).toEqual(unpriced);
  expect(priceUsage({ units: { input_page: 1 } }, query('openai', 'gpt-5'))).toEqual(unpriced);
  expect(
    priceUsage({ inputTokens: 10, outputTokens: 0, units: { input_page: 1 } }, query('openai', 'gpt-5')),
  ).toMatchObject({ status: 'partial', reason: 'unit_rate_missing', amountPicoUsd: 12_500_000 });
  expect(priceUsage({ units: { output_image: 1.5 } }, query('openai', 'dall-e-3'))).toMatchObject({
    status: 'unpriced',
    reason: 'invalid_usage',
  });
});

test('the size of the prompt that decides the tier may be smaller than all input', () => {
  const twice = { inputTokens: 300_000, outputTokens: 0 };
  const pro = query('gcp.gemini', 'gemini-2.5-pro');
  expectPriced({ ...twice, contextInputTokens: 150_000 }, pro, { inputPicoUsd: 300_000 * 1_250_000 });
  expectPriced(twice, pro, { inputPicoUsd: 300_000 * 2_500_000 });
});
