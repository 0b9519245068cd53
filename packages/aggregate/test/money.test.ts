/** Sums of money on both sides of what a number holds exactly: above 9,007 USD there is more than one pico-USD in a step. */
import { describe, expect, it } from 'vitest';
import { addExactly, MoneySum, sumToUsd } from '../src/series/money.ts';

const MOST = Number.MAX_SAFE_INTEGER;

describe('a sum of money', () => {
  it.each<[a: number | bigint, b: number | bigint, sum: number | bigint]>([
    [2, 3, 5],
    [2n, 3n, 5],
    [MOST, 0, MOST],
    [MOST, 1, BigInt(MOST) + 1n],
    [MOST, 2n, BigInt(MOST) + 2n],
    [-MOST, -2, -BigInt(MOST) - 2n],
    [10n ** 20n, 1, 10n ** 20n + 1n],
    [10n ** 20n, 1n - 10n ** 20n, 1n],
  ])('adds %s and %s exactly', (a, b, sum) => {
    expect(addExactly(a, b)).toBe(sum);
  });

  it('is exact whatever is added in which form, and what was carried counts once', () => {
    const sum = new MoneySum();
    let expected = 0n;
    for (const amount of [5, MOST, 7n, 2n ** 70n, -3, MOST, MOST, -(2n ** 60n), 1]) {
      sum.add(amount);
      expected += BigInt(amount);
      expect([sum.value, BigInt(sum.exact)]).toEqual([expected, expected]);
    }
  });

  it('is a number as long as one holds it, and goes on from where it was kept', () => {
    const small = new MoneySum();
    small.add(12n);
    expect(small.exact).toBe(12);
    const kept = new MoneySum(10n ** 20n);
    kept.add(1);
    expect([kept.value, kept.exact]).toEqual([10n ** 20n + 1n, 10n ** 20n + 1n]);
    expect(sumToUsd(kept.value)).toBe(1e8);
  });

  it('takes no part of a pico-dollar', () => {
    expect(() => new MoneySum().add(0.5)).toThrow(RangeError);
  });
});
