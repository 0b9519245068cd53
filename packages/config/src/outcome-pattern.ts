/** Characters of a value that a regular expression looks at: what a span carries is not ours to trust. */
const MAX_MATCHED_CHARS = 1_000;
const COMPARISON = /^(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)$/;

/** Whether one value of a span fulfils a pattern. */
export type Matcher = (value: unknown) => boolean;

/**
 * A pattern of a rule: `*` any value, `2xx` a class of status codes, `<0.5` `<=` `>` `>=` a number compared, `~text` a
 * regular expression that is found in the value, else the value itself. Throws a SyntaxError for an expression that
 * is none.
 */
export function compilePattern(pattern: string): Matcher {
  if (pattern === '*') return isPresent;
  if (/^[1-5]xx$/.test(pattern)) return (value) => /^\d{3}$/.test(`${value}`) && `${value}`[0] === pattern[0];
  const [, operator, bound] = COMPARISON.exec(pattern) ?? [];
  if (operator !== undefined) return compileComparison(operator, Number(bound));
  if (pattern.startsWith('~')) {
    const expression = new RegExp(pattern.slice(1), 'u');
    return (value) => isPresent(value) && expression.test(String(value).slice(0, MAX_MATCHED_CHARS));
  }
  return (value) => isPresent(value) && String(value) === pattern;
}

/** What is wrong with a pattern; undefined when nothing is. */
export function describePatternError(pattern: string): string | undefined {
  if (/^[<>]/.test(pattern) && !COMPARISON.test(pattern)) return 'compares with no number';
  try {
    compilePattern(pattern);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : 'is no regular expression';
  }
}

const isPresent: Matcher = (value) => value !== undefined && value !== null && value !== '';

function compileComparison(operator: string, bound: number): Matcher {
  return (value) => {
    const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
    if (typeof number !== 'number' || Number.isNaN(number)) return false;
    if (operator === '<') return number < bound;
    if (operator === '<=') return number <= bound;
    return operator === '>' ? number > bound : number >= bound;
  };
}
