import { BILLED_UNITS } from '@costspan/semconv';
import { expect, test } from 'vitest';
import { CARD_NAMES, loadCard, PROVIDER_CARDS } from '../src/cards/table.ts';
import { type Cost, type PriceQuery, priceUsage, type Usage } from '../src/index.ts';
import { createRandom, type Random } from './random.ts';

const ROUNDS = 5_000;
const AT_MS = Date.parse('2026-10-15T12:00:00Z');

/** Every model of every card with a provider that sells it. */
const MODELS = CARD_NAMES.flatMap((name) => {
  const provider = Object.keys(PROVIDER_CARDS).find((key) => PROVIDER_CARDS[key]?.includes(name));
  if (provider === undefined) throw new Error(`no provider has the card ${name}`);
  return (loadCard(name)?.models ?? []).map((model) => ({ provider, model: model.id }));
});

function createUsage(random: Random): Usage {
  const inputTokens = random.integer(0, random.pick([10, 5_000, 150_000, 400_000]));
  const cacheReadInputTokens = random.integer(0, inputTokens);
  const cacheWriteInputTokens = random.integer(0, inputTokens - cacheReadInputTokens);
  const oneHour = random.integer(0, cacheWriteInputTokens);
  const outputTokens = random.integer(0, 20_000);
  return {
    inputTokens,
    cacheReadInputTokens,
    cacheWriteInputTokens,
    cacheWriteByTtl: { '1h': oneHour, '5m': cacheWriteInputTokens - oneHour },
    outputTokens,
    reasoningOutputTokens: random.integer(0, outputTokens),
    toolRequests: { web_search: random.integer(0, 3) },
  };
}

const price = (usage: Usage, query: PriceQuery): Cost | undefined => {
  const cost = priceUsage(usage, query, { discounts: [{ provider: 'anthropic', percent: 7.77 }] });
  return cost.status === 'unpriced' ? undefined : cost;
};

test('parts are whole, not negative and add up to the amount exactly', () => {
  const random = createRandom(11);
  let seen = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const mode = random.pick(['standard', 'batch', 'flex', 'priority', 'fast'] as const);
    const region = random.pick(['', 'us', 'eu', 'global']);
    const query = { ...random.pick(MODELS), atMs: AT_MS, mode, region };
    const cost = price(createUsage(random), query);
    if (cost?.parts === undefined) continue;
    seen += 1;
    const parts = Object.values(cost.parts);
    expect(parts.every((part) => Number.isSafeInteger(part) && part >= 0)).toBe(true);
    expect(cost.amountPicoUsd).toBe(parts.reduce((sum, part) => sum + part, 0));
  }
  expect(seen).toBeGreaterThan(ROUNDS / 4);
});

test('one more token never costs less within a context tier', () => {
  const random = createRandom(12);
  for (let round = 0; round < ROUNDS; round += 1) {
    const query = { ...random.pick(MODELS), atMs: AT_MS };
    const { inputTokens = 0, ...usage } = createUsage(random);
    // Output where a model bills none has no price, and no input gives it none.
    if (inputTokens === 0) continue;
    const boundary = [100_000, 128_000, 199_999, 200_000, 271_999, 272_000].includes(inputTokens);
    const before = price({ ...usage, inputTokens }, query);
    const more = price(
      {
        ...usage,
        inputTokens: inputTokens + (boundary ? 0 : 1),
        outputTokens: (usage.outputTokens ?? 0) + 1,
      },
      query,
    );
    expect(before === undefined).toBe(more === undefined);
    if (before === undefined || more === undefined) continue;
    expect(more.amountPicoUsd, JSON.stringify(query)).toBeGreaterThanOrEqual(before.amountPicoUsd);
  }
});

test('batch and flex are never dearer than standard, priority and fast never cheaper', () => {
  const random = createRandom(13);
  for (let round = 0; round < ROUNDS; round += 1) {
    const query = { ...random.pick(MODELS), atMs: AT_MS };
    const usage = createUsage(random);
    const standard = price(usage, query)?.amountPicoUsd;
    if (standard === undefined) continue;
    for (const mode of ['batch', 'flex'] as const) {
      expect(price(usage, { ...query, mode })?.amountPicoUsd ?? 0).toBeLessThanOrEqual(standard);
    }
    for (const mode of ['priority', 'fast'] as const) {
      // Fast mode of Opus 4.6 had one rate for every context; everything else multiplies the tier's.
      expect(price(usage, { ...query, mode })?.amountPicoUsd ?? standard).toBeGreaterThanOrEqual(standard);
    }
  }
});

test('a cached token never costs more than an uncached one, and a write never less than a read', () => {
  for (const { provider, model } of MODELS) {
    const read = (usage: Usage) =>
      price({ inputTokens: 1_000, outputTokens: 0, ...usage }, { provider, model, atMs: AT_MS });
    const plain = read({})?.amountPicoUsd;
    const cached = read({ cacheReadInputTokens: 1_000 })?.amountPicoUsd;
    const written = read({ cacheWriteInputTokens: 1_000 })?.amountPicoUsd;
    if (plain === undefined || cached === undefined || written === undefined) continue;
    expect(cached, `${provider} ${model}`).toBeLessThanOrEqual(plain);
    // OpenRouter lists writes as the storage on top of plain input.
    if (provider !== 'openrouter') expect(written, `${provider} ${model}`).toBeGreaterThanOrEqual(cached);
  }
});

test('list price less the discount is the amount, part by part to the rounding; more units never cost less', () => {
  const random = createRandom(14);
  for (let round = 0; round < ROUNDS; round += 1) {
    const query = { ...random.pick(MODELS), atMs: AT_MS, mode: random.pick(['standard', 'batch'] as const) };
    const unit = random.pick(BILLED_UNITS);
    const count = random.integer(0, 10_000);
    const usage = { ...createUsage(random), units: { [unit]: count } };
    const percent = random.integer(0, 10_000) / 100;
    const plain = priceUsage(usage, query);
    const less = priceUsage(usage, query, { discounts: [{ provider: query.provider, percent }] });
    expect(less.status).toBe(plain.status);
    if (plain.status === 'unpriced' || less.status === 'unpriced') continue;
    expect(less.listAmountPicoUsd ?? less.amountPicoUsd).toBe(plain.amountPicoUsd);
    const expected = plain.amountPicoUsd * (1 - percent / 100);
    expect(Math.abs(less.amountPicoUsd - expected)).toBeLessThanOrEqual(3 + plain.amountPicoUsd * 1e-12);
    const more = priceUsage({ ...usage, units: { [unit]: count + 1 } }, query);
    if (count === 0 || more.status === 'unpriced') continue;
    expect(more.amountPicoUsd).toBeGreaterThanOrEqual(plain.amountPicoUsd);
  }
});
