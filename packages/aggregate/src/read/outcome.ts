import type { Outcome, OutcomeSource } from '@costspan/semconv';

/** An outcome of a task and where it comes from. */
export interface DecidedOutcome {
  readonly outcome: Exclude<Outcome, 'unknown'>;
  readonly source: OutcomeSource;
  /** When it was decided, milliseconds since the epoch. */
  readonly atMs: number;
}

/** What the application states wins over what people say, over what a judge says, over what a status code says. */
const RANK: Record<OutcomeSource, number> = {
  api: 4,
  feedback: 3,
  evaluation: 2,
  exception: 1,
  http: 1,
  job: 1,
  timeout: 0,
};
const SEVERITY: Record<DecidedOutcome['outcome'], number> = { success: 0, abandoned: 1, failure: 2 };

/**
 * Whether `next` replaces `current`: the stronger source, then the later one, then the worse one. A total order, so
 * that contradictory outcomes end the same in whatever order they arrive.
 */
export function outranks(next: DecidedOutcome, current: DecidedOutcome | undefined): boolean {
  if (current === undefined) return true;
  const rank = RANK[next.source] - RANK[current.source];
  if (rank !== 0) return rank > 0;
  if (next.atMs !== current.atMs) return next.atMs > current.atMs;
  return SEVERITY[next.outcome] > SEVERITY[current.outcome];
}

/** Whether it was said of the task by somebody, not concluded from a status: the rules give way to it. */
export const isStated = ({ source }: DecidedOutcome): boolean => RANK[source] > RANK.http;

/** What one piece of evidence is about. */
export type OutcomeSubject = 'task' | 'call' | 'last_call' | 'validation' | 'tool' | 'evaluation' | 'repeat';

/** The outcome rules of the configuration, compiled; `OutcomeRules` of `@costspan/config` is one. */
export interface OutcomeJudge {
  /** Longest time after which a repeat still counts as one, milliseconds; 0 when no rule asks for repeats. */
  readonly repeatedWithinMs: number;
  /** Attributes of a task's span that a rule looks at by name. */
  readonly attributeNames: ReadonlySet<string>;
  asks(subject: OutcomeSubject): boolean;
  /** The bits of what this evidence meets; those of a task are joined with `|`. */
  read(evidence: { subject: OutcomeSubject; facts: Readonly<Record<string, unknown>> }): bigint;
  decide(bits: bigint): { readonly outcome: Outcome; readonly rule: number } | undefined;
}
