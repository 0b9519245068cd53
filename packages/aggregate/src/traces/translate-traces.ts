import type { CallRecord, TaskCandidate } from '../records.js';
import type { TraceState } from '../state.js';

/** The same under other rules: `translate` says what bits of evidence mean to them. */
export function translateTraces(
  { candidates = [], searches = [], ...rest }: TraceState,
  translate: (bits: bigint) => bigint,
): TraceState {
  const translateTask = (task: TaskCandidate): TaskCandidate => {
    const { record } = task;
    if (record?.evidence === undefined) return task;
    return { ...task, record: { ...record, evidence: translate(record.evidence) } };
  };
  const translateCall = (call: CallRecord): CallRecord => {
    if (call.evidence === undefined) return call;
    const { bits, lastBits } = call.evidence;
    const last = lastBits === undefined ? {} : { lastBits: translate(lastBits) };
    return { ...call, evidence: { bits: translate(bits), ...last } };
  };
  return {
    ...rest,
    candidates: candidates.map(([spanId, task]) => [spanId, translateTask(task)]),
    searches: searches.map(({ call, featureless, twin, span, best, atMs }) => ({
      ...(twin && { twin }),
      ...(call === undefined ? {} : { call: translateCall(call) }),
      ...(featureless === undefined ? {} : { featureless: translateCall(featureless) }),
      ...(span === undefined
        ? {}
        : { span: 'bits' in span ? { ...span, bits: translate(span.bits) } : span }),
      best: best && translateTask(best),
      atMs,
    })),
  };
}
