import type { CallRecord, TaskCandidate } from '../records.js';
import type { Seeker, Sought } from './searches.js';

/** Says what bits of evidence mean to other rules. */
type Translate = (bits: bigint) => bigint;

/** The same under other rules. */
export function translateTask(task: TaskCandidate, translate: Translate): TaskCandidate {
  const { record } = task;
  if (record?.evidence === undefined) return task;
  return { ...task, record: { ...record, evidence: translate(record.evidence) } };
}

/** What it looks for, and has found so far, under other rules. */
export const translateSeeker = (
  { sought, best }: Seeker,
  translate: Translate,
): Pick<Seeker, 'sought' | 'best'> => ({
  sought: translateSought(sought, translate),
  best: best && translateTask(best, translate),
});

function translateSought(sought: Sought, translate: Translate): Sought {
  if ('nestedId' in sought) return sought;
  if ('bits' in sought) return { ...sought, bits: translate(sought.bits) };
  if ('featureless' in sought)
    return { ...sought, featureless: translateCall(sought.featureless, translate) };
  return translateCall(sought, translate);
}

function translateCall(call: CallRecord, translate: Translate): CallRecord {
  if (call.evidence === undefined) return call;
  const { bits, lastBits } = call.evidence;
  const last = lastBits === undefined ? {} : { lastBits: translate(lastBits) };
  return { ...call, evidence: { bits: translate(bits), ...last } };
}
