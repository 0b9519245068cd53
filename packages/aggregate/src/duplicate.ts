import { wasteReason } from './calls.js';
import type { CallRecord } from './records.js';
import type { Task } from './task.js';

/** Digests of one task that are remembered; calls beyond them are taken for the first of their kind. */
const MAX_DIGESTS = 100;

/** What is remembered of a call, to compare others with and to book it as waste. */
export type FirstCall = Pick<CallRecord, 'endMs' | 'traceId' | 'spanId' | 'feature' | 'costPicoUsd'>;

/** First of each group of calls of one task that ask the same, by model and digest. */
export type FirstCalls = Map<string, FirstCall>;

/**
 * Which call of the task is a duplicate now that this one is known: of two that ask the same, the later. In whatever
 * order they come, of a group all but the first end up as duplicates, each once. A call without a known cost, one
 * that failed and one whose span carries no digest is none: equal token counts are no proof of an equal question.
 */
export function findDuplicate(task: Task, call: CallRecord): FirstCall | undefined {
  const { requestDigest, model } = call;
  if (requestDigest === undefined || call.costPicoUsd === undefined || wasteReason(call) !== undefined)
    return undefined;
  const { firstCalls } = task;
  const key = `${model}\u0000${requestDigest}`;
  const first = firstCalls?.get(key);
  if (first === undefined && (firstCalls?.size ?? 0) >= MAX_DIGESTS) return undefined;
  if (first !== undefined && !isBefore(call, first)) return call;
  const { endMs, traceId, spanId, feature, costPicoUsd } = call;
  task.noteFirstCall(key, { endMs, traceId, spanId, feature, costPicoUsd });
  return first;
}

/** By the end, then by ids, so that the order of arrival makes no difference. */
function isBefore(a: FirstCall, b: FirstCall): boolean {
  if (a.endMs !== b.endMs) return a.endMs < b.endMs;
  return a.traceId + a.spanId < b.traceId + b.spanId;
}
