import { DEFAULT_CONFIG } from '@costspan/config';
import { expect, test } from 'vitest';
import { ReloadablePricer } from '../src/pricer.ts';

const AT_MS = Date.parse('2026-11-01');
const configured = (percent: number) => ({
  ...DEFAULT_CONFIG,
  prices: { ...DEFAULT_CONFIG.prices, discounts: [{ provider: 'openai', percent }] },
});

test('a running pricer takes new prices, and keeps the old ones when the new are impossible', () => {
  const pricer = new ReloadablePricer(DEFAULT_CONFIG);
  const { price } = pricer;
  const read = () =>
    price({ inputTokens: 1_000, outputTokens: 0 }, { provider: 'openai', model: 'gpt-5', atMs: AT_MS });
  expect(read()).toMatchObject({ amountPicoUsd: 1_250_000_000 });
  pricer.reload(configured(20));
  expect(read()).toMatchObject({ amountPicoUsd: 1_000_000_000 });
  expect(() => pricer.reload(configured(101))).toThrow('percent of "openai" must be 0 to 100');
  expect(read()).toMatchObject({ amountPicoUsd: 1_000_000_000 });
});
