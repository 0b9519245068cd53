import type { Task, TaskOptions, TaskSummary } from './contract.js';
import { readRuntime } from './runtime.js';

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
/** The same with what is known of the task when it begins: its id, feature, user tier, tenant; see the other form. */
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
