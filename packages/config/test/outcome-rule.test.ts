import { describe, expect, it } from 'vitest';
import { DEFAULT_OUTCOME_RULES, evaluateOutcome } from '../src/outcome-rule.ts';

describe('the default outcome rules', () => {
  it.each([
    [{ 'http.status_code': 200 }, { outcome: 'success', source: 'http' }],
    [{ 'http.status_code': 304 }, { outcome: 'success', source: 'http' }],
    [{ 'http.status_code': 404 }, { outcome: 'failure', source: 'http' }],
    [{ 'http.status_code': 499 }, { outcome: 'abandoned', source: 'http' }],
    [
      { 'http.status_code': 503, 'error.type': '503' },
      { outcome: 'failure', source: 'http' },
    ],
    [
      { 'http.status_code': 200, 'error.type': 'TypeError' },
      { outcome: 'failure', source: 'exception' },
    ],
    [{ 'error.type': 'TypeError' }, { outcome: 'failure', source: 'exception' }],
    [{ 'http.status_code': 101 }, undefined],
    [{ 'http.status_code': 2000 }, undefined],
    [{}, undefined],
  ] as const)('%j', (facts, expected) => {
    expect(evaluateOutcome(DEFAULT_OUTCOME_RULES, facts)).toEqual(expected);
  });
});

describe('evaluateOutcome', () => {
  it('takes the first rule of which every condition holds', () => {
    const rules = [
      { when: { 'http.status_code': ['404'], 'error.type': ['NotFound'] }, is: 'abandoned' },
      { when: { 'http.status_code': ['404', '410'] }, is: 'success' },
    ] as const;
    expect(evaluateOutcome(rules, { 'http.status_code': '404', 'error.type': 'NotFound' })).toEqual({
      outcome: 'abandoned',
      source: 'exception',
    });
    expect(evaluateOutcome(rules, { 'http.status_code': 410 })).toEqual({
      outcome: 'success',
      source: 'http',
    });
    expect(evaluateOutcome(rules, { 'error.type': 'NotFound' })).toBeUndefined();
  });
});
