import {
  type CallRecord,
  type EvidenceRecord,
  isTaskId,
  type ReadOptions,
  readCallRecord,
  readEvidenceRecord,
  readSpanPlace,
  readTaskRecord,
  type SpanPlace,
  type SpanView,
  type TaskRecord,
} from '@costspan/aggregate';
import type { Config } from '@costspan/config';
import { ATTR } from '@costspan/semconv';
import type { SpanNames } from './evaluations.js';
import { digestText, hideIds } from './private.js';

/** All that is kept of one span: nothing of it was said by or to a model. */
export interface SpanRecord {
  readonly traceId: string;
  readonly spanId: string;
  readonly place?: SpanPlace | undefined;
  readonly call?: CallRecord | undefined;
  readonly task?: TaskRecord | undefined;
  /** Of a span that is neither a call nor the end of a task. */
  readonly evidence?: EvidenceRecord | undefined;
  /** For evaluations in logs, which name a span: those that have come, and those that will. */
  readonly names?: SpanNames | undefined;
}

/** How spans are read under a configuration; the rules come with the state. */
export const createReading = (
  { features, limits, tasks }: Pick<Config, 'features' | 'limits' | 'tasks'>,
  price: ReadOptions['price'],
): Omit<ReadOptions, 'judge' | 'onLabelCut' | 'onTokensCut'> => ({
  price,
  defaultFeature: features.default,
  featureSources: features.from.filter((source) => source !== 'scope'),
  labelChars: limits.labelChars,
  taskSources: tasks.from,
});

/** What of a span is kept; undefined when nothing is. */
export function readSpanRecord(
  received: SpanView,
  options: ReadOptions & Required<Pick<ReadOptions, 'judge'>>,
): SpanRecord | undefined {
  const attributes = hideIds(received.attributes);
  const span = attributes === received.attributes ? received : { ...received, attributes };
  const { traceId, spanId } = span;
  const call = readCallRecord(span, options);
  // A call is no end of a task.
  const task = call === undefined ? readTaskRecord(span, options) : undefined;
  const place = readPlace(span, options);
  const isOther = call === undefined && task === undefined;
  const evidence = isOther ? readEvidenceRecord(span, options) : undefined;
  if (isOther && evidence === undefined && place === undefined) return undefined;
  return {
    traceId,
    spanId,
    place,
    call,
    task: task && hideSession(task, options.judge.repeatedWithinMs),
    evidence,
    names: !isOther && options.judge.asks('evaluation') ? readNames(span) : undefined,
  };
}

function readPlace(
  span: SpanView,
  options: ReadOptions & Required<Pick<ReadOptions, 'judge'>>,
): SpanPlace | undefined {
  const place = readSpanPlace(span, options);
  const record = place?.task?.record;
  if (place?.task === undefined || record === undefined) return place;
  return { ...place, task: { ...place.task, record: hideSession(record, options.judge.repeatedWithinMs) } };
}

function readNames({ spanId, attributes }: SpanView): SpanRecord['names'] {
  const taskId = attributes[ATTR.TASK_ID];
  const responseId = attributes[ATTR.RESPONSE_ID];
  if (!isTaskId(taskId)) return undefined;
  return { taskId, spanId, ...(isTaskId(responseId) ? { responseId } : {}) };
}

/** A session is a person's: only where a rule asks for repeats is it kept at all, and then as a digest. */
function hideSession(record: TaskRecord, repeatedWithinMs: number): TaskRecord {
  const { sessionId } = record;
  if (sessionId === undefined) return record;
  return { ...record, sessionId: repeatedWithinMs === 0 ? undefined : digestText(sessionId) };
}
