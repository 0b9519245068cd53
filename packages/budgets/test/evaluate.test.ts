import { describe, expect, it } from 'vitest';
import { type Budget, matchesBudget } from '../src/budget.ts';
import { burnRate, pacePicoUsdPerSecond } from '../src/burn-rate.ts';
import { evaluateBudget } from '../src/evaluate.ts';

const USD = 1_000_000_000_000n;
const november: Budget = {
  name: 'a',
  match: {},
  limitPicoUsd: 3000n * USD,
  period: 'month',
  timezone: 'UTC',
};
const startMs = Date.parse('2026-11-01T00:00Z');
const period = { startMs, endMs: Date.parse('2026-12-01T00:00Z') };

describe('burnRate', () => {
  it('is 17.28 for 72 USD an hour of 3000 USD in 30 days', () => {
    expect(pacePicoUsdPerSecond(november, period) * 3600).toBeCloseTo(3000e12 / 720, 0);
    expect(burnRate(november, period, { spentPicoUsd: 72n * USD, windowSeconds: 3600 })).toBeCloseTo(
      17.28,
      10,
    );
  });

  it('is unknown over no time', () => {
    expect(burnRate(november, period, { spentPicoUsd: 1n, windowSeconds: 0 })).toBeUndefined();
  });
});

describe('evaluateBudget', () => {
  it('says where a budget stands in the middle of its period', () => {
    expect(evaluateBudget(november, 1800n * USD, startMs + 15 * 86_400_000)).toEqual({
      period,
      spentPicoUsd: 1800n * USD,
      limitPicoUsd: 3000n * USD,
      remainingPicoUsd: 1200n * USD,
      usedRatio: 0.6,
      elapsedRatio: 0.5,
      burnRate: 1.2,
      status: 'within',
    });
  });

  it('knows no pace at the first instant', () => {
    expect(evaluateBudget(november, 0n, startMs)).toEqual({
      period,
      spentPicoUsd: 0n,
      limitPicoUsd: 3000n * USD,
      remainingPicoUsd: 3000n * USD,
      usedRatio: 0,
      elapsedRatio: 0,
      status: 'within',
    });
  });

  it.each([
    [2400n * USD - 1n, 'within'],
    [2400n * USD, 'nearly_used'],
    [3000n * USD - 1n, 'nearly_used'],
    [3000n * USD, 'exhausted'],
    [3000n * USD + 1n, 'exhausted'],
  ])('compares to the last pico-dollar: %d is %s', (spentPicoUsd, status) => {
    const state = evaluateBudget(november, spentPicoUsd, startMs + 1);
    expect([state.status, state.remainingPicoUsd]).toEqual([status, 3000n * USD - spentPicoUsd]);
  });

  it('refuses a negative spend', () => {
    expect(() => evaluateBudget(november, -1n, startMs)).toThrow(
      new RangeError('evaluateBudget: spend -1 is negative'),
    );
  });
});

describe('matchesBudget', () => {
  const call = {
    feature: 'support-chat',
    service: 'shop',
    userTier: 'free',
    provider: 'openai',
    model: 'gpt-5',
  };
  it.each([
    ['no condition', {}, true],
    ['one that holds', { feature: 'support-chat' }, true],
    ['all that hold', { feature: 'support-chat', userTier: 'free', model: 'gpt-5' }, true],
    ['one of two that does not', { feature: 'support-chat', model: 'gpt-5-mini' }, false],
    ['the beginning of a value', { feature: 'support' }, false],
    ['what the call does not know', { tenant: 'acme' }, false],
  ])('%s', (_name, match, expected) => {
    expect(matchesBudget({ ...november, match }, call)).toBe(expected);
  });
});
