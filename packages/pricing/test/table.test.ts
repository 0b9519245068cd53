import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { PROVIDER } from '@costspan/semconv';
import { calcPrice, findProvider } from '@pydantic/genai-prices';
import { expect, test } from 'vitest';
import { CARD_NAMES, loadCard, PROVIDER_CARDS } from '../src/cards/table.ts';
import { PRICE_TABLE_VERSION, picoUsdToUsd, priceUsage } from '../src/index.ts';
import { indexCard } from '../src/match.ts';
import type { ModelCard, Rates } from '../src/rate-card.ts';

test('the checked-in table is what the generator makes', () => {
  const script = fileURLToPath(new URL('../build/generate.mts', import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--check'], {
    encoding: 'utf8',
    timeout: 300_000,
  });
  expect(stderr).toBe('');
  expect(stdout).toContain(PRICE_TABLE_VERSION);
  expect(status).toBe(0);
});

test('every provider of the table has a name of the conventions or is one that they had', () => {
  const known = new Set<string>([...Object.values(PROVIDER), 'gcp.gen_ai']);
  expect(Object.keys(PROVIDER_CARDS).filter((name) => !known.has(name))).toEqual([]);
  const used = new Set(Object.values(PROVIDER_CARDS).flat());
  expect([...used].sort()).toEqual([...CARD_NAMES].sort());
});

test('every card is sound: unique ids, whole rates, ascending dates and tiers, complete tiers', () => {
  for (const name of CARD_NAMES) {
    const card = loadCard(name);
    if (card === undefined) throw new Error(`no card ${name}`);
    expect(() => indexCard(card)).not.toThrow();
    for (const model of card.models) {
      const label = `${name} ${model.id}`;
      const dates = model.rates.map(({ from }) => from ?? '');
      expect(dates, label).toEqual([...dates].sort());
      for (const dated of model.rates) {
        expect(areWhole(dated.rates), label).toBe(true);
        const starts = (dated.tiers ?? []).map(({ minInputTokens }) => minInputTokens);
        expect(starts, label).toEqual([...starts].sort((a, b) => a - b));
        for (const tier of dated.tiers ?? []) {
          expect(Object.keys(tier.rates).sort(), label).toEqual(Object.keys(dated.rates).sort());
          expect(areWhole(tier.rates), label).toBe(true);
        }
      }
    }
  }
});

function areWhole(rates: Rates): boolean {
  return Object.values(rates).every((rate: number) => Number.isSafeInteger(rate) && rate >= 0);
}

/** Where we differ from the base on purpose; each is an entry of the overlay. */
const KNOWN_DIFFERENCES = new Set(['mistral mistral-large-latest', 'anthropic claude-sonnet-4-0']);

/** Our card → the base's provider. */
const COMPARED = {
  openai: 'openai',
  anthropic: 'anthropic',
  google: 'google',
  mistral: 'mistral',
  cohere: 'cohere',
  groq: 'groq',
  deepseek: 'deepseek',
  x_ai: 'x-ai',
  moonshot: 'moonshotai',
  cerebras: 'cerebras',
  together: 'together',
  fireworks: 'fireworks',
  z_ai: 'zai',
};
const TIMESTAMP = new Date('2026-10-15T12:00:00Z');

test.each(Object.entries(COMPARED))(
  'list prices of %s agree with the base package’s own arithmetic',
  (name, baseId) => {
    const provider = Object.keys(PROVIDER_CARDS).find((key) => PROVIDER_CARDS[key]?.[0] === name) ?? '';
    const base = new Set(findProvider({ providerId: baseId })?.models.map(({ id }) => id));
    const models = (loadCard(name)?.models ?? []).filter(
      ({ id, rates, source }) =>
        // What has moved on since is taken from the second source, or from a newer version of the base's own.
        source?.startsWith('litellm@') !== true &&
        source?.includes('genai-prices ') !== true &&
        base.has(id) &&
        rates[0]?.rates.input !== undefined &&
        !KNOWN_DIFFERENCES.has(`${name} ${id}`),
    );
    expect(models.length).toBeGreaterThan(1);
    for (const model of models) {
      for (const inputTokens of [1_000, 210_000, 300_000]) {
        // Some have a price for it that the base lacks.
        const isOurs = model.source?.startsWith('LiteLLM') === true;
        const cached = isOurs || model.rates.at(-1)?.rates.cacheRead === undefined ? undefined : 600;
        const usage = {
          inputTokens,
          outputTokens: 100,
          ...(cached === undefined ? {} : { cacheReadInputTokens: cached }),
        };
        const ours = priceUsage(usage, { provider, model: model.id, atMs: TIMESTAMP.getTime() });
        if (ours.status === 'unpriced') throw new Error(`${name} ${model.id}: ${ours.reason}`);
        // Theirs is a sum of doubles, ours is exact.
        expect(picoUsdToUsd(ours.amountPicoUsd), `${model.id} ${inputTokens}`).toBeCloseTo(
          calcBasePrice(baseId, model, { inputTokens, cached }),
          9,
        );
      }
    }
  },
);

/** The base package's total, USD. Some of its rows do not match their own id, so their other names are tried too. */
function calcBasePrice(
  providerId: string,
  { id, aliases = [] }: ModelCard,
  tokens: { inputTokens: number; cached: number | undefined },
): number {
  const usage = {
    input_tokens: tokens.inputTokens,
    output_tokens: 100,
    ...(tokens.cached === undefined ? {} : { cache_read_tokens: tokens.cached }),
  };
  for (const name of [id, ...aliases, `${id}-2024-07-18`, `${id}-2509`]) {
    const price = calcPrice(usage, name, { providerId, timestamp: TIMESTAMP });
    if (price !== null) return price.total_price;
  }
  throw new Error(`the base has no price for ${id}`);
}
