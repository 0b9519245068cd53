import { evaluateOutcome, type OutcomeRule } from '@costspan/config';
import { ATTR } from '@costspan/semconv';
import type { SpanContext } from '@opentelemetry/api';
import { requireLazily } from '../lazy.js';
import type { SpanAttributes } from '../provider.js';
import { type JobEnd, type JobState, onceFinished, printKey } from './job.js';
import type { TaskOutcome, TaskState } from './task.js';
import type { TaskBook } from './tasks.js';

/** What the task of a job is made of. */
export interface JobTaskStart {
  readonly name: string;
  /** Feature and user, as they are at the first call. */
  readonly attributes: SpanAttributes;
  readonly rules: readonly OutcomeRule[];
  /** A span that another instrumentation has begun inside of the library, for the same message. */
  readonly consumerSpan: SpanContext | undefined;
}

/** What a queue or a scheduler has taken as done; the rules of the config come first. */
const DONE: TaskOutcome = { outcome: 'success', source: 'job' };

/** Hexadecimal digits of the id of a task that is made from its job. */
const ID_CHARS = 32;

/** The task that a job is, made when it is first asked for, ended with the job. */
export function ensureJobTask(book: TaskBook, state: JobState, start: JobTaskStart): TaskState {
  if (state.task !== undefined) return state.task;
  const { name, attributes, rules } = start;
  const { job, startMs } = state;
  const outerSpan = start.consumerSpan ?? state.outerSpan;
  const { key } = job;
  const id = key === undefined ? undefined : readTaskId(key);
  const task = book.start({
    id,
    name,
    startMs,
    attributes,
    parent: outerSpan,
    outerSpanId: outerSpan?.spanId,
  });
  state.task = task;
  state.onceEnded((end) => {
    const { errorType, isOpen } = end;
    // The error of one run is no evidence against a task that another run may complete: its span has none.
    const facts = key === undefined ? { [ATTR.ERROR_TYPE]: errorType } : undefined;
    book.end(task, isOpen === true ? undefined : conclude(rules, end), facts);
    if (isOpen !== true || key === undefined) return;
    onceFinished(key, (last) => {
      const outcome = conclude(rules, last);
      if (outcome !== undefined) book.sayById(task.id, outcome);
    });
  });
  return task;
}

const conclude = (rules: readonly OutcomeRule[], { errorType }: JobEnd): TaskOutcome | undefined =>
  evaluateOutcome(rules, { 'error.type': errorType }) ?? (errorType === undefined ? DONE : undefined);

/** Applications make ids of jobs from those of users and documents: what stands on spans tells none of it. */
function readTaskId(key: readonly unknown[]): string {
  const { createHash } = requireLazily('node:crypto') as typeof import('node:crypto');
  return createHash('sha256').update(printKey(key)).digest('hex').slice(0, ID_CHARS);
}
