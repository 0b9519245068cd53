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
