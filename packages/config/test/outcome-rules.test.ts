import { describe, expect, it } from 'vitest';
import { OutcomeRules } from '../src/outcome-rules.ts';
import { parseConfig } from '../src/parse.ts';

const read = (rules: string) => {
  const { config, errors } = parseConfig(`tasks: { outcome: [${rules}] }`, { path: 'costspan.yaml' });
  if (config === undefined) throw new Error(errors?.[0]?.message);
  return new OutcomeRules(config.tasks.outcome);
};
const task = (facts: Record<string, unknown>) => ({ subject: 'task', facts }) as const;

describe('a pattern', () => {
  it.each([
    ['"*"', ['x', 0, false], [undefined, '']],
    ['"2xx"', [200, '204'], [2000, 'ok', 300]],
    ['"<0.5"', [0.4, '0.1', -1], [0.5, 'low', '', undefined, Number.NaN]],
    ['">= 3"', [3, 4], [2.9]],
    ['true', [true, 'true'], [false]],
    ['"~^refund|cancel$"', ['refund-denied', 'please cancel'], ['no refund', undefined]],
    ['/chat', ['/chat'], ['/chat/']],
    ['[a, b]', ['a', ['c', 'b']], ['c', ['c'], []]],
  ])('%s matches %j and not %j', (pattern, matching, others) => {
    const rules = read(`{ when: { attributes: { x: ${pattern} } }, is: failure }`);
    const bitsOf = (x: unknown) => rules.read(task({ attributes: { x } }));
    expect(matching.map(bitsOf)).toEqual(matching.map(() => 1n));
    expect(others.map(bitsOf)).toEqual(others.map(() => 0n));
  });

  it.each([
    ['"~("', /^"~\(" Invalid regular expression/],
    ['"<high"', /^"<high" compares with no number/],
    ['[[1]]', /^must be a value or a pattern, not a list of 1/],
  ])('%s is refused', (pattern, message) => {
    expect(() => read(`{ when: { attributes: { x: ${pattern} } }, is: failure }`)).toThrow(message);
  });
});

describe('the rules', () => {
  const rules = read(`
    { when: { evaluation.name: relevance, evaluation.score: "<0.5" }, is: failure },
    { when: { repeated_within: 2m, http.status_code: "2xx" }, is: abandoned },
    { when: { http.status_code: "2xx" }, is: success }`);
  const ok = rules.read(task({ 'http.status_code': 200 }));

  it('decide by the first of which every part was met, by whatever evidence', () => {
    const repeat = rules.read({ subject: 'repeat', facts: { repeated_within: 120_000 } });
    expect([rules.decide(0n), rules.decide(repeat), rules.decide(ok), rules.decide(ok | repeat)]).toEqual([
      undefined,
      undefined,
      { rule: 2, outcome: 'success' },
      { rule: 1, outcome: 'abandoned' },
    ]);
    expect(rules.read({ subject: 'repeat', facts: { repeated_within: 120_001 } })).toBe(0n);
    expect([rules.repeatedWithinMs, rules.asks('tool'), rules.asks('evaluation')]).toEqual([
      120_000,
      false,
      true,
    ]);
  });

  it('want name and score of one and the same evaluation', () => {
    const evaluation = (name: string, score: number) =>
      rules.read({ subject: 'evaluation', facts: { 'evaluation.name': name, 'evaluation.score': score } });
    const apart = evaluation('relevance', 0.9) | evaluation('tone', 0.1);
    expect([rules.decide(ok | apart)?.rule, rules.decide(ok | evaluation('relevance', 0.1))?.rule]).toEqual([
      2, 0,
    ]);
  });

  it('without a condition decide nothing', () => {
    expect(() => read('{ when: { attributes: {} }, is: failure }')).toThrow('a rule without a condition');
    expect(new OutcomeRules([{ when: {}, is: 'failure' }]).decide(7n)).toBeUndefined();
  });
});
