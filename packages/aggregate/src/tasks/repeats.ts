import type { WasteReason } from '@costspan/semconv';
import type { CallRecord } from '../records.js';
import type { AskedCall, FirstCall, Question } from './first-calls.js';
import type { Task } from './task.js';

/** Digests of one task that are remembered; calls beyond them are taken for the only ones of their kind. */
const MAX_DIGESTS = 100;

/** A call that is known to be waste now. */
export interface Repeat {
  readonly call: AskedCall;
  readonly reason: WasteReason;
}

/**
 * What becomes waste now that this call of the task is known. Of calls that ask the same, in whatever order they come:
 * each that failed or was broken off and has a later one was retried, and each that was answered but the first is a
 * duplicate. Calls whose spans carry no digest are in no group: equal token counts are no proof of an equal question.
 */
export function findRepeats(task: Task, call: CallRecord, waste: WasteReason | undefined): Repeat[] {
  const { requestDigest, model } = call;
  // A task that has settled waits for nothing.
  const isKnown = requestDigest === undefined || task.settledAs !== undefined;
  if (waste !== undefined && isKnown) return [{ call, reason: waste }];
  if (requestDigest === undefined) return NO_REPEATS;
  const question = { model, digest: requestDigest };
  const answered = isAnswered(call) ? call : undefined;
  if (answered !== undefined && !isRemembered(task, question)) {
    noteFirst(task, question, answered);
    return NO_REPEATS;
  }
  const { endMs, spanId, feature, costPicoUsd } = call;
  const known = { endMs, spanId, feature, costPicoUsd };
  const retried = findRetried(task, question, waste === undefined ? known : { ...known, waste });
  const duplicate = answered && findDuplicate(task, question, answered);
  return duplicate === undefined ? retried : [...retried, { call: duplicate, reason: 'duplicate_call' }];
}

const NO_REPEATS: Repeat[] = [];

const isAnswered = (call: CallRecord): call is CallRecord & FirstCall =>
  call.status === 'ok' && call.costPicoUsd !== undefined;

/** What failed and nobody asked again: the task settles, nothing later is waited for. */
export const findUnrepeated = ({ lastCalls }: Task): Repeat[] =>
  [...(lastCalls?.values() ?? [])].flatMap((call) =>
    call.waste === undefined ? [] : [{ call, reason: call.waste }],
  );

const isRemembered = (task: Task, question: Question): boolean =>
  task.hasFirstCall(question) || task.lastCall(question) !== undefined;

/** The only answered call of its group so far; it stands for the last one as well where there is no other. */
function noteFirst(task: Task, question: Question, call: FirstCall): void {
  if (task.firstCallCount < MAX_DIGESTS) task.noteFirst(question, call);
}

/** Of a call and the one that was the last so far, the earlier, if it is waste that waits for its reason. */
function findRetried(task: Task, question: Question, call: AskedCall): Repeat[] {
  const last = task.lastCall(question) ?? task.firstCall(question);
  if (last !== undefined && isBefore(call, last)) return readWaste(call, 'retried_call');
  if (last === undefined && (task.lastCalls?.size ?? 0) >= MAX_DIGESTS) return readWaste(call, call.waste);
  task.noteLast(question, call);
  return last === undefined ? [] : readWaste(last, 'retried_call');
}

const readWaste = (call: AskedCall, reason: WasteReason | undefined): Repeat[] =>
  call.waste === undefined || reason === undefined ? [] : [{ call, reason }];

/** Which of two answered calls that ask the same is the duplicate: the later. */
function findDuplicate(task: Task, question: Question, call: FirstCall): FirstCall | undefined {
  const first = task.firstCall(question);
  if (first === undefined) {
    noteFirst(task, question, call);
    return undefined;
  }
  if (!isBefore(call, first)) return call;
  if (task.lastCall(question) === undefined) task.noteLast(question, first);
  task.noteFirst(question, call);
  return first;
}

/** By the end, then by id, so that the order of arrival makes no difference. */
function isBefore(a: AskedCall, b: AskedCall): boolean {
  if (a.endMs !== b.endMs) return a.endMs < b.endMs;
  return a.spanId < b.spanId;
}
