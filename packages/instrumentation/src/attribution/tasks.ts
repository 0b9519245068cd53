import { randomUUID } from 'node:crypto';
import type { TaskSummary } from '@costspan/api';
import { ATTR, type Outcome, type OutcomeSource } from '@costspan/semconv';
import type { SpanContext } from '@opentelemetry/api';
import type { SpanAttributes } from '../provider.js';

/** Writes task spans; the span recorder implements it. A failure of it costs the span, nothing else. */
export interface TaskRecorder {
  startTask(start: TaskSpanStart): TaskSpan;
}

/** A span of kind INTERNAL to be started. */
export interface TaskSpanStart {
  /** The whole span name: `task resolve-ticket`, or `task outcome`. */
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly startMs: number;
  readonly attributes: SpanAttributes;
  /** Parent in place of the active span. */
  readonly parent?: SpanContext | undefined;
}

/** The started span of a task. */
export interface TaskSpan {
  spanContext(): SpanContext;
  setAttributes(attributes: SpanAttributes): void;
  /** Milliseconds since the epoch; default now. */
  end(endMs?: number): void;
}

/** What a task needs to begin. */
export interface TaskStart extends Omit<TaskSpanStart, 'startMs'> {
  readonly id?: string | undefined;
  /** Milliseconds since the epoch; default now. */
  readonly startMs?: number | undefined;
  /** The task around it: what this one costs is also that one's. */
  readonly outer?: TaskState | undefined;
  /** Id of the OpenTelemetry span that is active around the task. */
  readonly outerSpanId?: string | undefined;
}

/** How a task ended, and who says so. What the application says (`api`) wins over all that is concluded. */
export interface TaskOutcome {
  readonly outcome: Outcome;
  readonly source: OutcomeSource;
  readonly reason?: string | undefined;
  readonly score?: number | undefined;
}

/** What a call adds to its task when it ends. */
export interface TaskUsage {
  /** Whole pico-USD; `undefined` is unknown. */
  readonly costPicoUsd: number | undefined;
  readonly tokens: number;
}

/** One task of this process, open or ended. */
export interface TaskState {
  readonly id: string;
  readonly name: string;
  readonly outer: TaskState | undefined;
  readonly outerSpanId: string | undefined;
  /** `undefined` when its span could not be started. */
  readonly span: TaskSpan | undefined;
  /** Known cost of its calls and those of the tasks inside it; so are the other sums. */
  costPicoUsd: number;
  tokens: number;
  calls: number;
  unpricedCalls: number;
  /** What the application has said, the last word of it. */
  said: TaskOutcome | undefined;
  isEnded: boolean;
}

/** Open tasks that can be found by their id. Further ones work, but what is said of them later goes out as a span. */
const MAX_OPEN_TASKS = 50_000;
const PICO_USD_PER_USD = 1e12;

/** The tasks of this process. */
export class TaskBook {
  readonly #recorder: TaskRecorder;
  readonly #onError: (error: unknown) => void;
  readonly #open = new Map<string, TaskState>();

  constructor(recorder: TaskRecorder, onError: (error: unknown) => void) {
    this.#recorder = recorder;
    this.#onError = onError;
  }

  /** Begins a task and its span. */
  start({ id = randomUUID(), name, startMs = Date.now(), attributes, ...start }: TaskStart): TaskState {
    const task: TaskState = {
      id,
      name,
      outer: start.outer,
      outerSpanId: start.outerSpanId,
      span: this.#startSpan({
        name: `task ${name}`,
        startMs,
        attributes: { ...attributes, [ATTR.TASK_ID]: id, [ATTR.TASK_NAME]: name },
        parent: start.parent,
      }),
      costPicoUsd: 0,
      tokens: 0,
      calls: 0,
      unpricedCalls: 0,
      said: undefined,
      isEnded: false,
    };
    if (this.#open.size < MAX_OPEN_TASKS) this.#open.set(id, task);
    return task;
  }

  /** Ends a task once; `concluded` holds when the application has said nothing. */
  end(task: TaskState, concluded?: TaskOutcome, attributes?: SpanAttributes): void {
    if (task.isEnded) return;
    task.isEnded = true;
    if (this.#open.get(task.id) === task) this.#open.delete(task.id);
    try {
      task.span?.setAttributes({ ...attributes, ...readOutcomeAttributes(task.said ?? concluded) });
      task.span?.end();
    } catch (error) {
      this.#onError(error);
    }
  }

  /** Keeps what the application says of a running task; what comes after its end goes out on its own. */
  say(task: TaskState, outcome: TaskOutcome): void {
    if (task.isEnded) this.#recordOutcome(task.id, outcome);
    else task.said = outcome;
  }

  /** Says the outcome of a task of any process. */
  sayById(taskId: string, outcome: TaskOutcome): void {
    const task = this.#open.get(taskId);
    if (task === undefined) this.#recordOutcome(taskId, outcome);
    else task.said = outcome;
  }

  /** Adds an ended call to its task and to those around it. */
  noteCall(task: TaskState, usage: TaskUsage): void {
    for (let at: TaskState | undefined = task; at !== undefined; at = at.outer) {
      at.calls += 1;
      at.tokens += usage.tokens;
      if (usage.costPicoUsd === undefined) at.unpricedCalls += 1;
      else at.costPicoUsd += usage.costPicoUsd;
    }
  }

  /** Ends every open task: at the end of the process nothing else would. */
  endAll(concluded?: TaskOutcome): void {
    for (const task of [...this.#open.values()]) this.end(task, concluded);
  }

  /** A late outcome is a span of its own, `task outcome`, that names the task by its id alone. */
  #recordOutcome(taskId: string, outcome: TaskOutcome): void {
    const attributes = { [ATTR.TASK_ID]: taskId, ...readOutcomeAttributes(outcome) };
    const span = this.#startSpan({ name: 'task outcome', startMs: Date.now(), attributes });
    try {
      span?.end();
    } catch (error) {
      this.#onError(error);
    }
  }

  #startSpan(start: TaskSpanStart): TaskSpan | undefined {
    try {
      return this.#recorder.startTask(start);
    } catch (error) {
      this.#onError(error);
      return undefined;
    }
  }
}

function readOutcomeAttributes(outcome: TaskOutcome | undefined): SpanAttributes {
  if (outcome === undefined) return {};
  return {
    [ATTR.TASK_OUTCOME]: outcome.outcome,
    [ATTR.TASK_OUTCOME_SOURCE]: outcome.source,
    ...(outcome.reason !== undefined && { [ATTR.TASK_OUTCOME_REASON]: outcome.reason }),
    ...(outcome.score !== undefined && { [ATTR.EVALUATION_SCORE_VALUE]: outcome.score }),
  };
}

/** A task as the application may see it. */
export const summarizeTask = (task: TaskState): TaskSummary => ({
  id: task.id,
  name: task.name,
  costUsd:
    task.calls > 0 && task.calls === task.unpricedCalls ? undefined : task.costPicoUsd / PICO_USD_PER_USD,
  tokens: task.tokens,
  calls: task.calls,
  unpricedCalls: task.unpricedCalls,
});
