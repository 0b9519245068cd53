import { BoundedMap, chunk, isTaskId } from '@costspan/aggregate';
import { ATTR } from '@costspan/semconv';
import { hideIds } from './private.js';
import type { LogView } from './receive/logs.js';

/** Spans and responses whose task is remembered for evaluations that name only them, and evaluations that wait. */
const MAX_REMEMBERED = 200_000;
const MAX_WAITING = 10_000;

/** An evaluation that came in a log: its task, or else the span and the response it names, and its bits. */
export interface EvaluationRecord {
  readonly taskId?: string;
  readonly keys: readonly string[];
  readonly bits: bigint;
}

/** Undefined when the log names nothing that could be looked up. */
export function readEvaluationRecord(
  { attributes: received, spanId }: LogView,
  bits: bigint,
): EvaluationRecord | undefined {
  const attributes = hideIds(received);
  const taskId = attributes[ATTR.TASK_ID];
  if (isTaskId(taskId)) return { taskId, keys: [], bits };
  const responseId = attributes[ATTR.RESPONSE_ID];
  const keys = [spanId, isTaskId(responseId) ? responseId : ''].filter((key) => key !== '');
  return keys.length === 0 ? undefined : { keys, bits };
}

/** What an evaluation may name a task by. */
export interface SpanNames {
  readonly taskId: string;
  readonly spanId: string;
  readonly responseId?: string;
}

/** A part of what is remembered, as plain data. */
export interface EvaluationState {
  readonly taskOf: readonly (readonly [key: string, taskId: string])[];
  readonly waiting: readonly (readonly [key: string, bits: bigint])[];
}

/** Finds the task that an evaluation in a log is about: by its id, else by the span or the response it names. */
export class Evaluations {
  /** Evaluations whose span had not come when too many waited, since this process began. */
  forgotten = 0;
  readonly #taskOf = new BoundedMap<string>(MAX_REMEMBERED);
  readonly #waiting = new BoundedMap<bigint>(MAX_WAITING);

  /** The task; where its span has not come yet, none, and the bits wait for {@link note}. */
  findTask({ taskId, keys, bits }: EvaluationRecord): string | undefined {
    if (taskId !== undefined) return taskId;
    const known = keys.map((key) => this.#taskOf.get(key)).find((task) => task !== undefined);
    if (known === undefined && keys[0] !== undefined) this.#wait(keys[0], bits);
    return known;
  }

  /** Remembers the task of a span; returns the bits of the evaluations that had waited for it. */
  note({ spanId, taskId, responseId }: SpanNames): bigint {
    let bits = 0n;
    for (const key of [spanId, responseId]) {
      if (key === undefined || key === '') continue;
      this.#taskOf.set(key, taskId);
      bits |= this.#waiting.get(key) ?? 0n;
      this.#waiting.delete(key);
    }
    return bits;
  }

  /** What is remembered now, oldest first, in pieces. */
  readState(): EvaluationState[] {
    return [
      ...[...chunk(this.#taskOf.entries())].map((taskOf) => ({ taskOf, waiting: [] })),
      ...[...chunk(this.#waiting.entries())].map((waiting) => ({ taskOf: [], waiting })),
    ];
  }

  restore({ taskOf, waiting }: EvaluationState): void {
    for (const [key, taskId] of taskOf) this.#taskOf.set(key, taskId);
    for (const [key, bits] of waiting) this.#waiting.set(key, bits);
  }

  /** The rules are others. */
  translate(translate: (bits: bigint) => bigint): void {
    for (const [key, bits] of [...this.#waiting.entries()]) this.#waiting.set(key, translate(bits));
  }

  #wait(key: string, bits: bigint): void {
    if (bits === 0n) return;
    this.forgotten += this.#waiting.set(key, (this.#waiting.get(key) ?? 0n) | bits);
  }
}
