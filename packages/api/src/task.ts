import type { Evaluator } from './evaluation.js';
import { readRuntime } from './runtime.js';
import type { ScopeAttributes } from './scope.js';

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

/** The task where nothing is registered: ids are real, since an application may keep them, outcomes go nowhere. */
class UnrecordedTask implements Task {
  #id: string | undefined;
  constructor(
    readonly name: string,
    id: string | undefined,
  ) {
    this.#id = id;
  }
  get id(): string {
    this.#id ??= globalThis.crypto.randomUUID();
    return this.#id;
  }
  succeed(): void {}
  fail(): void {}
  abandon(): void {}
  evaluate(): void {}
}

/**
 * Runs `fn` as one task: the model calls it makes add up to the task's cost, and its outcome decides whether that
 * cost bought something. The task ends when `fn` returns, its promise settles or its generator is done.
 *
 * An outcome that is said always wins. Without one, a throw or rejection is a `failure` (source `exception`) and
 * passes on unchanged; **a normal return says nothing**: the task stays open for {@link recordOutcome} and for the
 * rules of the processor, and counts as `unknown` at its deadline. That a function came back is no proof that the
 * ticket was resolved.
 *
 * A task inside a task has a cost of its own that also counts in what the outer one has used; its span names the
 * outer one (`costspan.task.parent.id`). Several may run below one parent at once.
 *
 * Returns what `fn` returns. A generator or a promise of an SDK's own class is the very object that `fn` returned;
 * a plain promise is one that settles the same way.
 *
 * @example
 * await withTask('resolve-ticket', { id: ticket.id, feature: 'support' }, async (task) => {
 *   const answer = await agent.run(ticket);
 *   if (answer.isFinal) task.succeed();
 *   else task.fail('escalated');
 * });
 */
export function withTask<T>(name: string, fn: (task: Task) => T): T;
export function withTask<T>(name: string, options: TaskOptions, fn: (task: Task) => T): T;
export function withTask<T>(
  name: string,
  ...rest: [fn: (task: Task) => T] | [options: TaskOptions, fn: (task: Task) => T]
): T {
  const [options, fn] = rest.length === 1 ? [{}, rest[0]] : rest;
  const runtime = readRuntime();
  return runtime === undefined
    ? fn(new UnrecordedTask(name, options.id))
    : runtime.withTask(name, options, fn);
}

/**
 * The task that the code at hand runs in, with what it has used so far in this process; `undefined` outside any.
 * In a request without an explicit task it is the request's own, once that has made its first model call.
 *
 * @example
 * if ((currentTask()?.costUsd ?? 0) > 0.5) return 'This needs a colleague.';
 */
export const currentTask = (): TaskSummary | undefined => readRuntime()?.currentTask();
