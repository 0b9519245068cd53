import { wasteReason } from './calls.js';
import type { CallRecord } from './records.js';
import type { Task } from './task.js';

/** Digests of one task that are remembered; calls beyond them are taken for the first of their kind. */
const MAX_DIGESTS = 100;

/**
 * Which call of the task is a duplicate now that this one is known: of two that ask the same, the later. In whatever
 * order they come, of a group all but the first end up as duplicates, each once. A call without a known cost, one
 * that failed and one whose span carries no digest is none: equal token counts are no proof of an equal question.
 */
export function findDuplicate(task: Task, call: CallRecord): CallRecord | undefined {
  const { requestDigest, model } = call;
  if (requestDigest === undefined || call.costPicoUsd === undefined || wasteReason(call) !== undefined)
    return undefined;
  task.firstCalls ??= new Map();
  const key = `${model}\u0000${requestDigest}`;
  const first = task.firstCalls.get(key);
  if (first === undefined && task.firstCalls.size >= MAX_DIGESTS) return undefined;
  if (first !== undefined && !isBefore(call, first)) return call;
  task.firstCalls.set(key, call);
  return first;
}

/** By the end, then by ids, so that the order of arrival makes no difference. */
function isBefore(a: CallRecord, b: CallRecord): boolean {
  if (a.endMs !== b.endMs) return a.endMs < b.endMs;
  return a.traceId + a.spanId < b.traceId + b.spanId;
}
