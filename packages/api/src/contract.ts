import type { Outcome, OutcomeSource } from '@costspan/semconv';

/** Whom and what a call serves. Strings of at most 256 characters; longer ones are cut. */
export interface ScopeAttributes {
  /** Product feature: `costspan.feature`, a metric label, so of low cardinality. */
  readonly feature?: string | undefined;
  /** Plan of the user, `free` or `pro`: `costspan.user.tier`, a metric label. */
  readonly userTier?: string | undefined;
  /** Customer: `costspan.tenant`. */
  readonly tenant?: string | undefined;
  /** End user: `user.id`; on spans only. */
  readonly userId?: string | undefined;
  /** Session or conversation of the user: `session.id`; on spans only. */
  readonly sessionId?: string | undefined;
}

/** What a task may carry beyond its name. */
export interface TaskOptions extends ScopeAttributes {
  /** Id of the task, the same in every process that works on it. Default: a random one. */
  readonly id?: string | undefined;
}

/** The running task, as its function sees it. Of several outcomes said before its end the last one counts. */
export interface Task {
  readonly id: string;
  readonly name: string;
  /** The task did what it was for. */
  succeed(): void;
  /** The task did not do what it was for; `reason` in a few words of low cardinality. */
  fail(reason?: string): void;
  /** Whoever wanted the task's result went away. */
  abandon(reason?: string): void;
  /**
   * Has the task judged once its function has returned, in the background; nothing waits for it and nothing that it
   * throws is thrown on. The verdict becomes an event on the task's span and its outcome where the application says
   * none: one that failed fails the task. After a throw nothing is judged, since the task has failed.
   *
   * @example
   * task.evaluate({ name: 'is-json', evaluate: () => answer.trimStart().startsWith('{') });
   * task.evaluate({ name: 'helpful', evaluate: () => askCheapModel(answer), sampleRate: 0.1 });
   */
  evaluate(evaluator: Evaluator): void;
}

/** What a task has used so far, in this process, its sub-tasks included. */
export interface TaskSummary {
  readonly id: string;
  readonly name: string;
  /** USD of the calls whose cost is known; `undefined` when there were calls and none of them has a known cost. */
  readonly costUsd: number | undefined;
  /** Input and output tokens of the calls that have ended. */
  readonly tokens: number;
  /** Model calls that have ended. */
  readonly calls: number;
  /** Those of them whose cost is not known, and so not in {@link costUsd}. */
  readonly unpricedCalls: number;
}

/** What an application may say about a task; `unknown` is what nobody said. */
export type ExplicitOutcome = Exclude<Outcome, 'unknown'>;

/** Details of an outcome. */
export interface OutcomeDetail {
  /** Why, in a few words of low cardinality: `refund-denied`. */
  readonly reason?: string | undefined;
  /** How good, on the application's own scale, e.g. 0 to 1. */
  readonly score?: number | undefined;
}

/** An outcome's details and who says it: the application itself, or its user. */
export interface SaidDetail extends OutcomeDetail {
  /** Default `api`. */
  readonly source?: Extract<OutcomeSource, 'api' | 'feedback'> | undefined;
}

/** What an evaluator found, in full. */
export interface Evaluation {
  /** Decides the task's outcome where the application says none; absent, the evaluation is recorded and decides nothing. */
  readonly isSuccess?: boolean | undefined;
  /** How good, on a scale of your own: `gen_ai.evaluation.score.value`. */
  readonly score?: number | undefined;
  /** The score in a word of low cardinality: `gen_ai.evaluation.score.label`. Default: `pass` or `fail` by `isSuccess`. */
  readonly label?: string | undefined;
  /** Why, in free text: `gen_ai.evaluation.explanation`; on the span only. */
  readonly explanation?: string | undefined;
}

/** A verdict: passed or not, a bare score that decides nothing by itself, or an {@link Evaluation}. */
export type Verdict = boolean | number | Evaluation;

/** Judges what a task brought: a schema check, a regular expression, a cheap model. */
export interface Evaluator {
  /** What is judged: `gen_ai.evaluation.name`, of low cardinality. */
  readonly name: string;
  /**
   * Called once, after the task's function has returned. Model calls that it makes are booked as feature `evaluation`,
   * outside the task. `signal` aborts when the time is over.
   */
  readonly evaluate: (signal: AbortSignal) => Verdict | PromiseLike<Verdict>;
  /** Share of tasks to judge, 0 to 1. Default 1. */
  readonly sampleRate?: number | undefined;
  /** Time limit in seconds, at most 300. Default 30. */
  readonly timeoutSeconds?: number | undefined;
}
