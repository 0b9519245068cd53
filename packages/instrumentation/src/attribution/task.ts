import type { Evaluator, TaskSummary } from '@costspan/api';
import { ATTR, type Outcome, type OutcomeSource } from '@costspan/semconv';
import type { SpanContext } from '@opentelemetry/api';
import { requireLazily } from '../lazy.js';
import type { SpanAttributes } from '../provider.js';
import type { Enter } from './completion.js';

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

/** Something that happened in a task. */
export interface TaskEvent {
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly timeMs: number;
  readonly attributes: SpanAttributes;
}

/** The started span of a task. */
export interface TaskSpan {
  spanContext(): SpanContext;
  setAttributes(attributes: SpanAttributes): void;
  addEvent(event: TaskEvent): void;
  /** Milliseconds since the epoch; default now. */
  end(endMs?: number): void;
}

/** What a task needs to begin. */
export interface TaskStart extends Omit<TaskSpanStart, 'startMs'> {
  readonly id?: string | undefined;
  /** Milliseconds since the epoch; default now. */
  readonly startMs?: number | undefined;
  /** The task around it, of this process or another: what this one costs is also that one's. */
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

/** An evaluator with the scope that it runs in. */
export interface EvaluationStart {
  readonly evaluator: Evaluator;
  readonly enter: Enter;
}

/** What a call adds to its task when it ends. */
export interface TaskUsage {
  /** Whole pico-USD; `undefined` is unknown. */
  readonly costPicoUsd: number | undefined;
  readonly tokens: number;
}

/** How a task's function came to its end; its span waits for the evaluators. */
export interface TaskClose {
  readonly endMs: number;
  readonly concluded: TaskOutcome | undefined;
  readonly attributes: SpanAttributes | undefined;
}

/** One task, open or ended; one of another process as far as this one works on it. */
export interface TaskState {
  readonly id: string;
  /** Empty for a task of another process that came without its name. */
  readonly name: string;
  readonly outer: TaskState | undefined;
  readonly outerSpanId: string | undefined;
  /** `undefined` when its span could not be started, or is another process's. */
  readonly span: TaskSpan | undefined;
  /** Known cost of its calls and those of the tasks inside it; so are the other sums. */
  costPicoUsd: number;
  tokens: number;
  calls: number;
  unpricedCalls: number;
  /** What the application has said, the last word of it. */
  said: TaskOutcome | undefined;
  /** What the evaluators found: a failure stays. */
  evaluated: TaskOutcome | undefined;
  /** Class of what is wrong with the form of its last answer. */
  invalidOutput: string | undefined;
  /** To be run when the task's function has returned. */
  readonly evaluators: EvaluationStart[];
  close: TaskClose | undefined;
  isEnded: boolean;
}

const PICO_USD_PER_USD = 1e12;

/** Loaded with the first task: most processes have none. */
export const createTaskId = (): string =>
  (requireLazily('node:crypto') as typeof import('node:crypto')).randomUUID();

type TaskIdentity = Pick<TaskState, 'id' | 'name'> &
  Partial<Pick<TaskState, 'outer' | 'outerSpanId' | 'span' | 'isEnded'>>;

/** A task that has used nothing yet. */
export const createTask = ({
  id,
  name,
  outer,
  outerSpanId,
  span,
  isEnded = false,
}: TaskIdentity): TaskState => ({
  id,
  name,
  outer,
  outerSpanId,
  span,
  costPicoUsd: 0,
  tokens: 0,
  calls: 0,
  unpricedCalls: 0,
  said: undefined,
  evaluated: undefined,
  invalidOutput: undefined,
  evaluators: [],
  close: undefined,
  isEnded,
});

/** The nearest task around that is another one: several processes, or a retry inside, may work on one id. */
export function readParent(outer: TaskState | undefined, id: string): SpanAttributes {
  let at = outer;
  while (at?.id === id) at = at.outer;
  return at === undefined ? {} : { [ATTR.TASK_PARENT_ID]: at.id };
}

/** An outcome as it stands on a span. */
export function readOutcomeAttributes(outcome: TaskOutcome | undefined): SpanAttributes {
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
