import { createHash } from 'node:crypto';
import {
  isTaskId,
  type ReadOptions,
  readCallRecord,
  readEvidenceRecord,
  readTaskRecord,
  type SpanView,
  type TaskRecord,
} from '@costspan/aggregate';
import { ATTR } from '@costspan/semconv';
import type { SpanRecord } from './entry.js';

/** What of a span is kept; undefined when nothing is. */
export function readSpanRecord(
  span: SpanView,
  options: ReadOptions & Required<Pick<ReadOptions, 'judge'>>,
): SpanRecord | undefined {
  const { traceId, spanId } = span;
  const call = readCallRecord(span, options);
  const task = readTaskRecord(span, options);
  if (call === undefined && task === undefined) {
    const evidence = readEvidenceRecord(span, options.judge);
    return evidence === undefined ? undefined : { traceId, spanId, evidence };
  }
  const names = options.judge.asks('evaluation') ? readNames(span) : undefined;
  return {
    traceId,
    spanId,
    ...(call === undefined ? {} : { call }),
    ...(task === undefined ? {} : { task: hideSession(task, options.judge.repeatedWithinMs) }),
    ...(names === undefined ? {} : { names }),
  };
}

function readNames({ spanId, attributes }: SpanView): SpanRecord['names'] {
  const taskId = attributes[ATTR.TASK_ID];
  const responseId = attributes[ATTR.RESPONSE_ID];
  if (!isTaskId(taskId)) return undefined;
  return { taskId, spanId, ...(typeof responseId === 'string' ? { responseId } : {}) };
}

/** A session is a person's: only where a rule asks for repeats is it kept at all, and then as a digest. */
function hideSession({ sessionId, ...task }: TaskRecord, repeatedWithinMs: number): TaskRecord {
  if (sessionId === undefined || repeatedWithinMs === 0) return task;
  return { ...task, sessionId: createHash('sha256').update(sessionId).digest('base64url').slice(0, 22) };
}
