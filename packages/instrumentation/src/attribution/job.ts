import type { TaskSource } from '@costspan/semconv';
import type { SpanContext } from '@opentelemetry/api';
import { readErrorClass } from '../call/error.js';
import { readNowMs } from '../timers.js';
import type { TaskState } from './task.js';

/** What a worker has taken on: a message of a queue, or what a scheduler, an engine or an event has started. */
export interface Job {
  /** Absent where nobody tells when it ends: its calls are for something, and part of no task. */
  readonly kind?: Extract<TaskSource, 'messaging' | 'job'>;
  /** The queue, the topic, the schedule, the activity: of low cardinality, never an id. What its calls are for. */
  readonly name: string;
  /** What the application calls this kind of job, where several kinds come from one queue. */
  readonly type?: string | undefined;
  /** Where each attempt has the same, unlike any other job of any queue: all of them are one task. */
  readonly key?: readonly unknown[] | undefined;
  /** Whether what has thrown this is run again, as far as that is known; then it has not failed yet. */
  willRetry?(thrown: unknown): boolean;
  /** How the job has ended, where what it returns says so, or what it has left; done when this says nothing. */
  readEnd?(returned: unknown): JobEnd | undefined;
  /** What the application acknowledges or rejects, where it does that by itself. */
  readonly message?: object | undefined;
}

/** How a run of a job has ended. */
export interface JobEnd {
  /** Class of what went wrong. */
  readonly errorType?: string | undefined;
  /** The job goes on in another run: nothing can be said of it yet. */
  readonly isOpen?: boolean;
}

/** Tasks whose last run here left them open, at most; the one that was left first makes room. */
const MAX_UNFINISHED = 10_000;
/** What is to be told of the end of a task whose last run here left it open. */
const unfinished = new Map<string, (end: JobEnd) => void>();

/** What is the same of two jobs whose keys are. */
export const printKey = (key: readonly unknown[]): string => JSON.stringify(key.map(String));

/** Tells the end of a job whose next runs may make no call: nobody else would. */
export function onceFinished(key: readonly unknown[], fn: (end: JobEnd) => void): void {
  unfinished.set(printKey(key), fn);
  if (unfinished.size > MAX_UNFINISHED) unfinished.delete(unfinished.keys().next().value ?? '');
}

function finish(key: readonly unknown[] | undefined, end: JobEnd, isTold: boolean): void {
  if (unfinished.size === 0 || key === undefined || end.isOpen === true) return;
  const printed = printKey(key);
  if (!isTold) unfinished.get(printed)?.(end);
  unfinished.delete(printed);
}

/** One run of a job. Made for each, so it computes nothing: most make no call of a model. */
export class JobState {
  readonly job: Job;
  readonly startMs: number;
  /** OpenTelemetry's span around the job. */
  readonly outerSpan: SpanContext | undefined;
  /** The task that it is, made at its first call of a model. */
  task: TaskState | undefined;
  #end: JobEnd | undefined;
  #onEnd: ((end: JobEnd) => void) | undefined;

  constructor(job: Job, outerSpan: SpanContext | undefined, startMs = readNowMs()) {
    this.startMs = startMs;
    this.job = job;
    this.outerSpan = outerSpan;
  }

  /** Calls back once when the job has ended, at once when it has. */
  onceEnded(fn: (end: JobEnd) => void): void {
    if (this.#end === undefined) this.#onEnd = fn;
    else fn(this.#end);
  }

  /** It has returned. */
  return(returned?: unknown): void {
    if (this.#end === undefined) this.end(this.job.readEnd?.(returned) ?? {});
  }

  /** It has thrown. */
  fail(thrown: unknown): void {
    if (this.#end !== undefined) return;
    this.end({ errorType: readErrorClass(thrown), isOpen: this.job.willRetry?.(thrown) === true });
  }

  /** The first that is said of it holds. */
  end(end: JobEnd): void {
    if (this.#end !== undefined) return;
    this.#end = end;
    this.#onEnd?.(end);
    finish(this.job.key, end, this.#onEnd !== undefined);
  }
}
