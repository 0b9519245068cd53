import { ATTR, ENTRY_ATTR, JOB_SOURCE_ATTRIBUTES, OPERATION, type TaskSource } from '@costspan/semconv';
import type { SpanPlace, TaskCandidate, TaskRecord } from '../records.js';
import { readText } from './attribute.js';
import { readTaskEvidence } from './evidence.js';
import { isCall, readLabel, readOrigin, readStatedFeature } from './read.js';
import type { ReadOptions } from './read-options.js';
import type { SpanView } from './span.js';
import { isTaskId } from './task-id.js';

/** Operation of a consumer span whose instrumentation names none. */
const DEFAULT_OPERATION = 'process';

/**
 * Where a span stands in its trace, and whether it may be the task of the calls below it by `tasks.from`; undefined
 * where spans are not seen in their traces.
 */
export function readSpanPlace(span: SpanView, options: ReadOptions): SpanPlace | undefined {
  const { traceId, spanId, parentSpanId } = span;
  if (parentSpanId === undefined) return undefined;
  const feature = readStatedFeature(span, options);
  const task = readCandidate(span, options);
  return { traceId, spanId, parentSpanId, feature: feature === '' ? undefined : feature, task };
}

function readCandidate(span: SpanView, options: ReadOptions): TaskCandidate | undefined {
  const { taskSources = [] } = options;
  const source = readSource(span);
  const rank = source === undefined ? -1 : taskSources.indexOf(source);
  if (rank === -1) return undefined;
  // A task that was named further up would be better, but it is found only on the way: the search ends here.
  const isFinal = rank <= taskSources.findIndex((one) => one !== 'scope');
  if (source === 'scope') {
    const id = String(span.attributes[ATTR.TASK_ID]);
    const name = readLabel(span.attributes[ATTR.TASK_NAME], options);
    return { id, name, rank, isFinal, record: undefined, nested: undefined };
  }
  // As `traceparent` writes the two, so that whoever knows the span can tell its outcome.
  const id = `${span.traceId}-${span.spanId}`;
  const name = readLabel(readName(span, source), options);
  const { traceId, spanId } = span;
  // A request, a message or a job is no part of another task; what frameworks do step by step is.
  const isStep = source === OPERATION.INVOKE_AGENT || source === OPERATION.INVOKE_WORKFLOW;
  const nested = isStep ? { traceId, spanId, nestedId: id } : undefined;
  return { id, name, rank, isFinal, record: readEnd(span, { id, name }, options), nested };
}

/** The end of a task that its span does not tell by itself. */
function readEnd(
  span: SpanView,
  { id, name }: Pick<TaskRecord, 'id' | 'name'>,
  options: ReadOptions,
): TaskRecord {
  const { service, environment, feature, userTier } = readOrigin(span, options);
  return {
    id,
    name,
    service,
    environment,
    feature,
    userTier,
    startMs: span.startMs,
    endMs: span.endMs,
    parentId: undefined,
    sessionId: readText(span.attributes[ATTR.SESSION_ID]),
    evidence: options.judge && readTaskEvidence(span, options.judge),
    outcome: undefined,
    outcomeSource: undefined,
  };
}

/** What kind of task the span would be. A span with the id of one belongs to that; a call is none itself. */
function readSource({ attributes, kind }: SpanView): TaskSource | undefined {
  if (isTaskId(attributes[ATTR.TASK_ID])) return 'scope';
  const operation = attributes[ATTR.OPERATION_NAME];
  if (operation === OPERATION.INVOKE_WORKFLOW || operation === OPERATION.INVOKE_AGENT) return operation;
  if (kind === 'consumer') return 'messaging';
  if (kind !== 'server' || isCall(attributes)) return undefined;
  const trigger = readText(attributes[ENTRY_ATTR.FAAS_TRIGGER]) ?? 'http';
  return trigger === 'http' ? 'http' : 'job';
}

/** `GET /tickets/:id`, `process orders`, `invoke_agent Refunds`; the span's own name is of low cardinality too. */
function readName({ attributes, name }: SpanView, source: TaskSource | undefined): string {
  const read = (attribute: string) => readText(attributes[attribute]);
  if (source === 'http') {
    const method = read(ATTR.HTTP_REQUEST_METHOD) ?? read(ENTRY_ATTR.HTTP_METHOD_OLD);
    const route = read(ATTR.HTTP_ROUTE);
    return method === undefined || route === undefined ? name : `${method} ${route}`;
  }
  if (source === 'messaging' || source === 'job') {
    const from = JOB_SOURCE_ATTRIBUTES.map(read).find((text) => text !== undefined);
    const operation = read(ENTRY_ATTR.MESSAGING_OPERATION_NAME) ?? read(ENTRY_ATTR.MESSAGING_OPERATION_OLD);
    return from === undefined ? name : `${operation ?? DEFAULT_OPERATION} ${from}`;
  }
  const own = read(source === 'invoke_agent' ? ATTR.AGENT_NAME : ATTR.WORKFLOW_NAME);
  return own === undefined ? name : `${source} ${own}`;
}
