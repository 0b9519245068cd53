import { evaluateOutcome, type OutcomeRule } from '@costspan/config';
import { ATTR, type TaskSource } from '@costspan/semconv';
import type { SpanContext } from '@opentelemetry/api';
import type { StepOperation } from '../framework.js';
import type { SpanAttributes } from '../provider.js';
import type { TaskState } from './task.js';
import type { TaskBook } from './tasks.js';

/** One step of a framework's work that is going on: an agent, a workflow, a tool, a retrieval. */
export interface StepState {
  readonly operation: StepOperation;
  /** Name of the task that it is, where it is one: `invoke_agent Refunds`. */
  readonly title: string;
  /** Whose method runs: where it calls another one of the same object, that is the same step. */
  readonly instance: object | undefined;
  /** What it gives is a stream. */
  readonly isStream: boolean;
  readonly outer: StepState | undefined;
  /** The task of the scope that it was begun in: with another one, that one lies inside of the step. */
  readonly scopeTask: TaskState | undefined;
  /** Id of the OpenTelemetry span that is active around it. */
  readonly outerSpanId: string | undefined;
  readonly span: SpanContext;
  /** The task that it is, made at its first model call. */
  task: TaskState | undefined;
}

/** What of a scope says where its code stands in a framework's work. */
export interface StepScope {
  /** The task of the nearest `withTask` or `withImportedScope`. */
  readonly task?: TaskState | undefined;
  /** The step of a framework's work that the code at hand is part of. */
  readonly step?: StepState | undefined;
}

/**
 * The step's span as parent of what begins in it, unless the application has a task or a span of its own between the
 * two.
 */
export function readStepParent(
  scope: StepScope | undefined,
  activeSpanId: string | undefined,
): SpanContext | undefined {
  const step = scope?.step;
  if (step === undefined || step.scopeTask !== scope?.task) return undefined;
  const isInnermost =
    activeSpanId === undefined || activeSpanId === step.outerSpanId || activeSpanId === step.span.spanId;
  return isInnermost ? step.span : undefined;
}

/** The step that is the task of the code at hand by `tasks.from`: the outermost, since agents ask others for help. */
export function findTaskStep(scope: StepScope | undefined, source: TaskSource): StepState | undefined {
  let found: StepState | undefined;
  for (let at = scope?.step; at !== undefined; at = at.outer) if (at.operation === source) found = at;
  return found;
}

/** What the task of a step is made of. */
interface StepTaskStart {
  /** Feature and user, as they are at the first call. */
  readonly attributes: SpanAttributes;
}

/** The task that a step is, made when it is first asked for, ended with the step. */
export function ensureStepTask(book: TaskBook, step: StepState, { attributes }: StepTaskStart): TaskState {
  step.task ??= book.start({
    name: step.title,
    attributes,
    parent: step.span,
    outerSpanId: step.span.spanId,
  });
  return step.task;
}

/** Ends the task that a step was. */
export function endStepTask(
  book: TaskBook,
  { task }: StepState,
  { errorType, rules }: { readonly errorType: string | undefined; readonly rules: readonly OutcomeRule[] },
): void {
  if (task === undefined) return;
  const facts = { [ATTR.ERROR_TYPE]: errorType };
  book.end(task, evaluateOutcome(rules, facts), facts);
}
