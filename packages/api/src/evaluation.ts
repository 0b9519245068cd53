import { readRuntime } from './runtime.js';

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

/**
 * Judges a task by its id, from anywhere and at any later time. A task that is still open in this process is judged
 * when its function has returned, as by {@link Task.evaluate}; for any other the judge runs now, in the background.
 * Never throws and never waits; without a preload nothing is judged.
 *
 * @example
 * evaluateTask(ticketId, { name: 'tone', evaluate: () => askCheapModel(transcript), sampleRate: 0.05 });
 */
export const evaluateTask = (taskId: string, evaluator: Evaluator): void =>
  readRuntime()?.evaluateTask(taskId, evaluator);
