import { BoundedMap } from '../rows/bounded-map.js';

/** One task of a session. */
export interface SessionTask {
  readonly taskId: string;
  readonly sessionId: string;
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** A task that was asked for again. */
export interface Repeat {
  readonly taskId: string;
  /** From its end to the start of the next; 0 when that came while it still ran. Milliseconds. */
  readonly afterMs: number;
}

/** The tasks of one session and name. */
export type SessionState = readonly [key: string, tasks: readonly SessionTask[]];

/** Sessions that are remembered, the least recently used go first; and tasks of one session and name. */
const MAX_SESSIONS = 50_000;
const MAX_TASKS_PER_SESSION = 32;

/** Finds tasks that the same session began again, in whatever order they are heard of. */
export class Sessions {
  readonly #withinMs: number;
  readonly #tasks = new BoundedMap<readonly SessionTask[]>(MAX_SESSIONS);

  /** `withinMs`: how long after its end a task may be repeated; 0 remembers nothing. */
  constructor(withinMs: number) {
    this.#withinMs = withinMs;
  }

  /** What is remembered, least recently used first. */
  readState(): SessionState[] {
    return [...this.#tasks.entries()];
  }

  restore(sessions: readonly SessionState[]): void {
    for (const [key, tasks] of sessions) this.#tasks.set(key, tasks);
  }

  /** Adds a task and returns what is now known to have been repeated. */
  add(task: SessionTask): Repeat[] {
    if (this.#withinMs === 0) return [];
    const key = `${task.sessionId}\u0000${task.name}`;
    const known = this.#tasks.get(key) ?? [];
    this.#tasks.set(key, [...known, task].slice(-MAX_TASKS_PER_SESSION));
    return known
      .filter(({ taskId, startMs }) => taskId !== task.taskId && startMs !== task.startMs)
      .map((other) => (other.startMs < task.startMs ? repeatOf(other, task) : repeatOf(task, other)))
      .filter(({ afterMs }) => afterMs <= this.#withinMs);
  }
}

const repeatOf = (earlier: SessionTask, later: SessionTask): Repeat => ({
  taskId: earlier.taskId,
  afterMs: Math.max(0, later.startMs - earlier.endMs),
});
