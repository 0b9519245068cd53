import type { Outcome, OutcomeSource } from '@costspan/semconv';

/** What a rule may look at. A new kind of fact is one entry here and one pattern syntax in {@link matchesPattern}. */
export const OUTCOME_FACTS = ['http.status_code', 'error.type'] as const;
export type OutcomeFact = (typeof OUTCOME_FACTS)[number];

/** What is known of a finished task. `error.type` is also the class name of an exception that ended it. */
export type OutcomeFacts = Readonly<Partial<Record<OutcomeFact, string | number | undefined>>>;

/** Holds when every fact it names has one of the patterns: a class (`2xx`), an exact value, or `*` for any value. */
export type OutcomeCondition = Readonly<Partial<Record<OutcomeFact, readonly string[]>>>;

/** One entry of `tasks.outcome`. */
export interface OutcomeRule {
  readonly when: OutcomeCondition;
  readonly is: Outcome;
}

/**
 * The rules without a file. An exception is a failure whatever was answered. A client that went away (499) abandoned
 * its task. Any other 4xx is a failure: the request did not reach its goal, and what it cost bought nothing, whoever
 * is to blame. A redirect has done what was asked.
 */
export const DEFAULT_OUTCOME_RULES: readonly OutcomeRule[] = [
  { when: { 'http.status_code': ['499'] }, is: 'abandoned' },
  { when: { 'http.status_code': ['5xx'] }, is: 'failure' },
  { when: { 'error.type': ['*'] }, is: 'failure' },
  { when: { 'http.status_code': ['2xx', '3xx'] }, is: 'success' },
  { when: { 'http.status_code': ['4xx'] }, is: 'failure' },
];

/** An outcome and what it was read from. */
export interface DecidedOutcome {
  readonly outcome: Outcome;
  readonly source: OutcomeSource;
}

/** The outcome that the first matching rule gives; `undefined` when none matches. */
export function evaluateOutcome(
  rules: readonly OutcomeRule[],
  facts: OutcomeFacts,
): DecidedOutcome | undefined {
  const rule = rules.find(({ when }) => OUTCOME_FACTS.every((fact) => holds(when[fact], facts[fact])));
  if (rule === undefined) return undefined;
  const source = rule.when['error.type'] === undefined ? 'http' : 'exception';
  return { outcome: rule.is, source };
}

/** A fact that the rule does not name holds; a fact that is not known never does. */
function holds(patterns: readonly string[] | undefined, value: string | number | undefined): boolean {
  if (patterns === undefined) return true;
  if (value === undefined) return false;
  const text = String(value);
  return patterns.some((pattern) => matchesPattern(pattern, text));
}

function matchesPattern(pattern: string, text: string): boolean {
  if (pattern === '*') return true;
  if (/^[1-5]xx$/.test(pattern)) return text.length === 3 && text[0] === pattern[0];
  return pattern === text;
}
