import { expect, test } from 'vitest';
import {
  formatUsd,
  formatUsdPerMtok,
  MAX_CALL_PICO_USD,
  PICO_USD_PER_USD,
  picoUsdToUsd,
  picoUsdToUsdText,
  scalePicoUsd,
  usdPerMtokToPicoUsd,
  usdToPicoUsd,
} from '../src/money.ts';
import { createRandom } from './random.ts';

test('the limit of one call is a safe integer', () => {
  expect(MAX_CALL_PICO_USD).toBeLessThanOrEqual(Number.MAX_SAFE_INTEGER);
  expect(MAX_CALL_PICO_USD % PICO_USD_PER_USD).toBe(0);
});

test('USD made of pico-USD turns back into the same pico-USD, up to the limit', () => {
  const random = createRandom(1);
  for (let round = 0; round < 20_000; round += 1) {
    const limit = 10 ** random.integer(1, 15);
    const picoUsd = random.integer(0, Math.min(limit, MAX_CALL_PICO_USD));
    expect(usdToPicoUsd(picoUsdToUsd(picoUsd))).toBe(picoUsd);
  }
  expect(usdToPicoUsd(picoUsdToUsd(MAX_CALL_PICO_USD))).toBe(MAX_CALL_PICO_USD);
});

test('what is not a finite number of dollars is refused', () => {
  for (const usd of [Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => usdToPicoUsd(usd)).toThrow(RangeError);
  for (const usd of [Number.NaN, -1, 1e300]) expect(() => usdPerMtokToPicoUsd(usd)).toThrow(RangeError);
  expect(Object.is(usdToPicoUsd(-0), 0)).toBe(true);
  expect(usdToPicoUsd(-0.5)).toBe(-500_000_000_000);
});

test('exact text has every digit and no more', () => {
  expect(
    [0n, 1n, 1_500_000n, 10n ** 12n, -1_250_000_000_000n, 123_456_789_000_000_000_000_001n].map(
      picoUsdToUsdText,
    ),
  ).toEqual(['0', '0.000000000001', '0.0000015', '1', '-1.25', '123456789000.000000000001']);
  expect(formatUsdPerMtok(150_000, 5, 3)).toBe('0.25');
});

test('text for people rounds half up and never shows a cost as zero', () => {
  const texts = [0, 499_999, 500_000, 1_234_567, 9_999_999_999, 10_000_000_000, 999_999_999_999, 1e12].map(
    formatUsd,
  );
  expect(texts).toEqual([
    '$0.00',
    '<$0.000001',
    '$0.000001',
    '$0.000001',
    '$0.010000',
    '$0.0100',
    '$1.0000',
    '$1.00',
  ]);
  expect(formatUsd(1_234_567_895_000_000_000n)).toBe('$1,234,567.90');
  expect(formatUsd(-1_234_565_000_000_000n)).toBe('-$1,234.57');
});

test('scaling agrees with exact arithmetic where doubles would not', () => {
  const random = createRandom(2);
  let compared = 0;
  for (let round = 0; round < 20_000; round += 1) {
    const picoUsd = random.integer(0, 10 ** random.integer(1, 15));
    const numerator = random.integer(1, 10 ** random.integer(1, 7));
    const denominator = random.integer(1, 10 ** random.integer(1, 7));
    const exact =
      (2n * BigInt(picoUsd) * BigInt(numerator) + BigInt(denominator)) / (2n * BigInt(denominator));
    if (exact > BigInt(Number.MAX_SAFE_INTEGER)) continue;
    compared += 1;
    expect(BigInt(scalePicoUsd(picoUsd, numerator, denominator))).toBe(exact);
  }
  expect(compared).toBeGreaterThan(10_000);
});
