import type { Outcome, OutcomeSource } from '@costspan/semconv';
import { compilePattern } from './outcome-pattern.js';

/** What the preload knows when it ends a task; the processor sees all keys of {@link OutcomeCondition}. */
export const OUTCOME_FACTS = ['http.status_code', 'error.type'] as const;
/** One of {@link OUTCOME_FACTS}. */
export type OutcomeFact = (typeof OUTCOME_FACTS)[number];

/** What is known of a finished task. `error.type` is also the class name of an exception that ended it. */
export type OutcomeFacts = Readonly<Partial<Record<OutcomeFact, string | number | undefined>>>;

/** Patterns of which one must match; see `compilePattern`. */
type Patterns = readonly string[];

/** Holds when all that it names holds. The three of `evaluation` must hold of one and the same evaluation. */
export interface OutcomeCondition {
  /** Of the task's span. */
  readonly 'http.status_code'?: Patterns;
  readonly 'error.type'?: Patterns;
  /** Class of an exception event on the task's span, handled or not. */
  readonly 'exception.type'?: Patterns;
  readonly status?: Patterns;
  /** Any other attributes of the task's span, by name. */
  readonly attributes?: Readonly<Record<string, Patterns>>;
  /** Of any call of the task. */
  readonly finish_reason?: Patterns;
  /** Of the last call of the task to end that answered or failed. */
  readonly last_finish_reason?: Patterns;
  /** `error.type` of a tool that the task executed. */
  readonly 'tool.error'?: Patterns;
  /** Structured output that did not validate, on the task's span or its last call. */
  readonly 'validation.error'?: Patterns;
  readonly 'evaluation.name'?: Patterns;
  readonly 'evaluation.score'?: Patterns;
  readonly 'evaluation.label'?: Patterns;
  /** Milliseconds: the same session began a task of the same name at most so long after this one ended. */
  readonly repeated_within?: number;
}

/** One entry of `tasks.outcome`. */
export interface OutcomeRule {
  readonly when: OutcomeCondition;
  readonly is: Outcome;
}

/** Cut, filtered or refused, in the words of the conventions and of the providers that are passed on as they are. */
const UNUSABLE_FINISH_REASONS: readonly string[] = [
  'length',
  'max_tokens',
  'max_output_tokens',
  'MAX_TOKENS',
  'content_filter',
  'refusal',
  'SAFETY',
];

/**
 * The rules without a file. A client that went away (499) abandoned its task. An exception is a failure whatever was
 * answered, and so is a last answer that was cut, filtered or refused, or that does not have the form it must have,
 * even under a 200. Any other 4xx is a failure: the request did not reach its goal, and what it cost bought nothing,
 * whoever is to blame. A redirect has done what was asked. Neither a tool's error nor a repeat is here: agents recover
 * from the one, and in a chat the next turn looks like the other.
 */
export const DEFAULT_OUTCOME_RULES: readonly OutcomeRule[] = [
  { when: { 'http.status_code': ['499'] }, is: 'abandoned' },
  { when: { 'http.status_code': ['5xx'] }, is: 'failure' },
  { when: { 'error.type': ['*'] }, is: 'failure' },
  { when: { 'validation.error': ['*'] }, is: 'failure' },
  { when: { last_finish_reason: UNUSABLE_FINISH_REASONS }, is: 'failure' },
  { when: { 'http.status_code': ['2xx', '3xx'] }, is: 'success' },
  { when: { 'http.status_code': ['4xx'] }, is: 'failure' },
];

/** An outcome and what it was read from. */
export interface DecidedOutcome {
  readonly outcome: Outcome;
  readonly source: OutcomeSource;
}

/**
 * The outcome that the first matching rule gives, of those rules that these facts alone can decide; `undefined` when
 * none matches. What the processor knows beyond them overrules it there.
 */
export function evaluateOutcome(
  rules: readonly OutcomeRule[],
  facts: OutcomeFacts,
): DecidedOutcome | undefined {
  const rule = rules.find(({ when }) => Object.keys(when).every((key) => holds(when, key, facts)));
  if (rule === undefined) return undefined;
  const source = rule.when['error.type'] === undefined ? 'http' : 'exception';
  return { outcome: rule.is, source };
}

/** A fact that is not known never holds. */
function holds(when: OutcomeCondition, key: string, facts: OutcomeFacts): boolean {
  const fact = OUTCOME_FACTS.find((known) => known === key);
  const value = fact === undefined ? undefined : facts[fact];
  if (fact === undefined || value === undefined) return false;
  return when[fact]?.some((pattern) => readMatcher(pattern)(value)) === true;
}

/** The preload judges every request, so that a pattern is compiled once. */
const matchers = new Map<string, ReturnType<typeof compilePattern>>();
function readMatcher(pattern: string): ReturnType<typeof compilePattern> {
  let matcher = matchers.get(pattern);
  if (matcher === undefined) {
    matcher = compilePattern(pattern);
    matchers.set(pattern, matcher);
  }
  return matcher;
}
