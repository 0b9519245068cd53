import type { CallRecord, TaskRecord } from '../records.js';
import { BoundedMap } from '../rows/bounded-map.js';
import type { RelayedTaskState } from '../state.js';
import type { TaskShelf } from './task-shelf.js';

/** Requests to gateways whose calls wait, or are another service's; the oldest go, and are tasks like any other. */
const MAX_RELAYED_TASKS = 10_000;

/**
 * Requests to gateways. What a gateway asks for another service's call is part of the task there, so the request is no
 * task of its own, unless something else was asked for it. While it is not known whether somebody else has told the call,
 * the end of its task is kept.
 */
export class RelayedTasks {
  readonly #known = new BoundedMap<RelayedTaskState>(MAX_RELAYED_TASKS);

  /** A gateway's call waits for the report of the service that asks. */
  wait({ task, askedAt }: CallRecord): void {
    if (task === undefined || askedAt === undefined) return;
    const { record, waiting = 0 } = this.#known.get(task.id) ?? {};
    this.#known.set(task.id, { ...(record && { record }), waiting: waiting + 1 });
  }

  /** It waits no more; returns the end of its task where that has come and nothing else of it waits. */
  end({ task, askedAt }: CallRecord): TaskRecord | undefined {
    const known = task === undefined || askedAt === undefined ? undefined : this.#known.get(task.id);
    if (known === undefined) return undefined;
    const waiting = Math.max(0, known.waiting - 1);
    this.#known.set(task!.id, waiting === 0 ? { waiting } : { ...known, waiting });
    return waiting === 0 ? known.record : undefined;
  }

  /** The call is another service's, and was known for it at once. */
  leave(call: CallRecord): void {
    this.wait(call);
    this.end(call);
  }

  /** Whether this is the end of no task so far, since nothing else has been told of it: it may be one's yet. */
  keeps(record: TaskRecord, shelf: Pick<TaskShelf, 'find'>): boolean {
    const known = this.#known.get(record.id);
    if (known === undefined || shelf.find(record.id) !== undefined) return false;
    if (known.waiting > 0) this.#known.set(record.id, { ...known, record });
    return true;
  }

  readState(): [id: string, state: RelayedTaskState][] {
    return [...this.#known.entries()];
  }

  /** `translate`: what bits of evidence mean to other rules. */
  restore(
    states: readonly (readonly [id: string, state: RelayedTaskState])[],
    translate?: (bits: bigint) => bigint,
  ): void {
    for (const [id, { waiting, record }] of states) {
      const evidence = record?.evidence;
      const again = translate && evidence !== undefined ? { evidence: translate(evidence) } : {};
      this.#known.set(id, { waiting, ...(record && { record: { ...record, ...again } }) });
    }
  }
}
