import { evaluateOutcome, type OutcomeRule } from '@costspan/config';
import {
  ATTR,
  ENTRY_ATTR,
  JOB_FAILED_EVENT,
  JOB_SOURCE_ATTRIBUTES,
  OPERATION,
  OTHER_ERROR_TYPE,
  type TaskSource,
} from '@costspan/semconv';
import type { Span } from '@opentelemetry/api';
import type { SpanAttributes } from '../provider.js';
import { readSpanAttribute } from './otel.js';
import type { TaskState } from './task.js';
import type { TaskBook } from './tasks.js';

/** Kinds of OpenTelemetry's API: a server span, and one that processes a message or a job of a queue. */
const SERVER = 1;
const CONSUMER = 4;
const STATUS_ERROR = 2;
/** What is done with a message where nobody says what. */
export const DEFAULT_OPERATION = 'process';

/** What the SDK's spans carry beyond the API's interface. */
interface SdkSpan extends Span {
  readonly kind?: number;
  readonly name?: string;
  readonly status?: { readonly code: number };
  readonly events?: readonly {
    readonly name: string;
    readonly attributes?: Readonly<Record<string, unknown>>;
  }[];
}

/** What the task of a message, a job or an agent is made of. */
export interface MessageTaskStart {
  /** Feature and user, as they are at the first call. */
  readonly attributes: SpanAttributes;
  readonly rules: readonly OutcomeRule[];
}

/** The task of each span that is one; it goes with its span. */
const tasks = new WeakMap<Span, TaskState>();

/** The task that was made of this span. */
export const readMessageTask = (span: Span | undefined): TaskState | undefined =>
  span === undefined ? undefined : tasks.get(span);

/**
 * What kind of task a span is: a CONSUMER span, that of a function which a timer, a message or a file has started, or
 * that of a framework's agent or workflow; undefined when it is none.
 */
export function readSpanSource(span: SdkSpan | undefined): TaskSource | undefined {
  if (span === undefined) return undefined;
  const operation = readSpanAttribute(span, ATTR.OPERATION_NAME);
  if (operation === OPERATION.INVOKE_AGENT || operation === OPERATION.INVOKE_WORKFLOW) return operation;
  if (span.kind === CONSUMER) return 'messaging';
  const trigger = readSpanAttribute(span, ENTRY_ATTR.FAAS_TRIGGER);
  return span.kind === SERVER && trigger !== undefined && trigger !== 'http' ? 'job' : undefined;
}

/** Whether a span is that of a function which a platform has called, whatever it was called for. */
export const isFunctionSpan = (span: SdkSpan | undefined): boolean => span?.kind === SERVER;

/**
 * The task that a span of {@link readSpanSource} is, made at its first model call, ended with the span. Only the
 * active span is seen: below a span of the application's own it is not known any more.
 */
export function ensureMessageTask(
  book: TaskBook,
  span: Span,
  { attributes, rules }: MessageTaskStart,
): TaskState | undefined {
  const known = readMessageTask(span);
  if (known !== undefined) return known;
  const name = readJobName(span);
  if (name === undefined || !span.isRecording()) return undefined;
  const context = span.spanContext();
  const task = book.start({ name, attributes, parent: context, outerSpanId: context.spanId });
  tasks.set(span, task);
  onceEnded(span, () => {
    const errorType = readErrorType(span);
    book.end(task, evaluateOutcome(rules, { 'error.type': errorType }), { [ATTR.ERROR_TYPE]: errorType });
  });
  return task;
}

/** `process orders`, `invoke_agent Refunds`; `undefined` where there is nothing to call it. */
function readJobName(span: SdkSpan): string | undefined {
  const source = readSpanSource(span);
  // Span names are of low cardinality too.
  if (source === 'invoke_agent' || source === 'invoke_workflow') {
    const attribute = source === 'invoke_agent' ? ATTR.AGENT_NAME : ATTR.WORKFLOW_NAME;
    const own = readSpanAttribute(span, attribute);
    return own === undefined ? span.name : `${source} ${own}`;
  }
  let from: string | undefined;
  for (const attribute of JOB_SOURCE_ATTRIBUTES) from ??= readSpanAttribute(span, attribute);
  if (from === undefined) return span.name;
  const operation =
    readSpanAttribute(span, ENTRY_ATTR.MESSAGING_OPERATION_NAME) ??
    readSpanAttribute(span, ENTRY_ATTR.MESSAGING_OPERATION_OLD) ??
    DEFAULT_OPERATION;
  return `${operation} ${from}`;
}

/** The API has no word for the end of a span of others: its `end` is covered, and does what it did. */
function onceEnded(span: Span, fn: () => void): void {
  const { end } = span;
  const isCovered = Reflect.defineProperty(span, 'end', {
    value(this: Span, ...args: Parameters<Span['end']>): void {
      Reflect.deleteProperty(span, 'end');
      end.apply(span, args);
      fn();
    },
    configurable: true,
    writable: true,
    enumerable: false,
  });
  if (!isCovered) fn();
}

/** Class of what failed: as the span names it, else of the exception it recorded. */
function readErrorType(span: SdkSpan): string | undefined {
  const named = readSpanAttribute(span, ATTR.ERROR_TYPE);
  const hasFailed =
    span.status?.code === STATUS_ERROR || span.events?.some(({ name }) => name === JOB_FAILED_EVENT) === true;
  if (named !== undefined || !hasFailed) return named;
  const thrown = span.events?.findLast(({ name }) => name === 'exception')?.attributes?.['exception.type'];
  return typeof thrown === 'string' ? thrown : OTHER_ERROR_TYPE;
}
