import { evaluateOutcome, type OutcomeRule } from '@costspan/config';
import { ATTR, ENTRY_ATTR, JOB_SOURCE_ATTRIBUTES, OTHER_ERROR_TYPE } from '@costspan/semconv';
import type { Span } from '@opentelemetry/api';
import type { SpanAttributes } from '../provider.js';
import { readSpanAttribute } from './otel.js';
import type { TaskState } from './task.js';
import type { TaskBook } from './tasks.js';

/** Kinds of OpenTelemetry's API: a server span, and one that processes a message or a job of a queue. */
const SERVER = 1;
const CONSUMER = 4;
const STATUS_ERROR = 2;
/** Operation of a consumer span whose instrumentation names none. */
const DEFAULT_OPERATION = 'process';

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

/** What a message's task is made of. */
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
 * The task that the processing of a queue's message or of a job is, made at its first model call, ended with its
 * span: a CONSUMER span, or the span of a function that a timer, a message or a file has started. Only the active
 * span is seen: below a span of the application's own the message is not known any more.
 */
export function ensureMessageTask(
  book: TaskBook,
  span: Span | undefined,
  { attributes, rules }: MessageTaskStart,
): TaskState | undefined {
  const known = readMessageTask(span);
  if (known !== undefined || span === undefined) return known;
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

/** `process orders`; `undefined` where the span is neither a message's nor a job's. */
function readJobName(span: SdkSpan): string | undefined {
  const { kind, name } = span;
  const trigger = readSpanAttribute(span, ENTRY_ATTR.FAAS_TRIGGER);
  const isJob = kind === SERVER && trigger !== undefined && trigger !== 'http';
  if (kind !== CONSUMER && !isJob) return undefined;
  let source: string | undefined;
  for (const attribute of JOB_SOURCE_ATTRIBUTES) source ??= readSpanAttribute(span, attribute);
  // Span names are of low cardinality too.
  if (source === undefined) return name;
  const operation =
    readSpanAttribute(span, ENTRY_ATTR.MESSAGING_OPERATION_NAME) ??
    readSpanAttribute(span, ENTRY_ATTR.MESSAGING_OPERATION_OLD) ??
    DEFAULT_OPERATION;
  return `${operation} ${source}`;
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
  if (named !== undefined || span.status?.code !== STATUS_ERROR) return named;
  const thrown = span.events?.findLast(({ name }) => name === 'exception')?.attributes?.['exception.type'];
  return typeof thrown === 'string' ? thrown : OTHER_ERROR_TYPE;
}
