import { BoundedMap, isTaskId } from '@costspan/aggregate';
import { ATTR } from '@costspan/semconv';
import type { LogView } from './receive/logs.js';

/** Spans and responses whose task is remembered for evaluations that name only them, and evaluations that wait. */
const MAX_REMEMBERED = 200_000;
const MAX_WAITING = 10_000;

/** What an evaluation in a log is about: a task, one that is not known yet, or nothing. */
export type EvaluatedTask = { readonly taskId: string } | 'waits' | 'none';

/** Finds the task that an evaluation in a log is about: by its id, else by the span or the response it names. */
export class Evaluations {
  /** Evaluations whose span had not come when too many waited. */
  forgotten = 0;
  readonly #taskOf = new BoundedMap<string>(MAX_REMEMBERED);
  readonly #waiting = new BoundedMap<bigint>(MAX_WAITING);

  /** The task of a log; where its span has not come yet, its bits wait for {@link note}. */
  findTask({ attributes, spanId }: LogView, bits: bigint): EvaluatedTask {
    const stated = attributes[ATTR.TASK_ID];
    if (isTaskId(stated)) return { taskId: stated };
    const responseId = attributes[ATTR.RESPONSE_ID];
    const keys = [spanId, typeof responseId === 'string' ? responseId : ''].filter((key) => key !== '');
    const [first] = keys;
    if (first === undefined) return 'none';
    const taskId = keys.map((key) => this.#taskOf.get(key)).find((known) => known !== undefined);
    if (taskId !== undefined) return { taskId };
    this.#wait(first, bits);
    return 'waits';
  }

  /** Remembers the task of a span; returns the bits of the evaluations that had waited for it. */
  note({ spanId, taskId, responseId }: { spanId: string; taskId: string; responseId: unknown }): bigint {
    let bits = 0n;
    for (const key of [spanId, responseId]) {
      if (typeof key !== 'string' || key === '') continue;
      this.#taskOf.set(key, taskId);
      bits |= this.#waiting.get(key) ?? 0n;
      this.#waiting.delete(key);
    }
    return bits;
  }

  #wait(key: string, bits: bigint): void {
    if (bits === 0n) return;
    this.forgotten += this.#waiting.set(key, (this.#waiting.get(key) ?? 0n) | bits);
  }
}
