import { expect } from 'vitest';
import { type Cost, type CostParts, type PriceQuery, priceUsage, type Usage } from '../src/index.ts';
import { PRICE_TABLE_VERSION } from '../src/version.gen.ts';

/** Amounts in the tests are list price × tokens, worked out by hand in millionths of a dollar: 1 USD/MTok × 1 token. */
export const micro = (usdPerMtokTimesTokens: number): number => Math.round(usdPerMtokTimesTokens * 1e6);

const OCTOBER = Date.parse('2026-10-15T12:00:00Z');
/** A query for the middle of October 2026. */
export const query = (provider: string, model: string, more: Partial<PriceQuery> = {}): PriceQuery => ({
  provider,
  model,
  atMs: OCTOBER,
  ...more,
});

/** Expects a whole cost: the parts given, 0 for the others, and their sum. */
export function expectPriced(
  usage: Usage,
  asked: PriceQuery,
  parts: Partial<CostParts>,
  more: Partial<Cost> = {},
): void {
  const whole: CostParts = {
    inputPicoUsd: 0,
    cacheReadPicoUsd: 0,
    cacheWritePicoUsd: 0,
    outputPicoUsd: 0,
    toolsPicoUsd: 0,
    ...parts,
  };
  expect(priceUsage(usage, asked)).toEqual({
    status: 'priced',
    amountPicoUsd: Object.values(whole).reduce((sum, part) => sum + part, 0),
    parts: whole,
    source: 'local',
    mode: asked.mode ?? 'standard',
    priceVersion: PRICE_TABLE_VERSION,
    ...more,
  });
}
