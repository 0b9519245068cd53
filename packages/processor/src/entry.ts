import type { OutcomeRecord } from '@costspan/aggregate';
import type { EvaluationRecord } from './evaluations.js';
import type { SpanRecord } from './span-record.js';
import type { StateOptions } from './state-options.js';
import { pack } from './store/pack.js';
import { SPANS } from './store/span-form.js';
import { decodeSpans } from './store/span-reader.js';
import { encodeSpans } from './store/span-writer.js';
import { unpack } from './store/unpack.js';

/** One thing that changes the state. The state is a function of these, in their order, and of nothing else. */
export type Entry =
  | { readonly kind: 'spans'; readonly nowMs: number; readonly spans: readonly SpanRecord[] }
  | {
      readonly kind: 'evaluations';
      readonly nowMs: number;
      readonly evaluations: readonly EvaluationRecord[];
    }
  | { readonly kind: 'outcome'; readonly nowMs: number; readonly outcome: OutcomeRecord }
  /** What is due settles. */
  | { readonly kind: 'settle'; readonly nowMs: number }
  /** The same, and then a time series database has read everything. */
  | { readonly kind: 'scrape'; readonly nowMs: number }
  /** The clock of the machine was set, ahead when above 0. */
  | { readonly kind: 'clock'; readonly nowMs: number; readonly byMs: number }
  /** The configuration is another one from here on. */
  | { readonly kind: 'options'; readonly nowMs: number; readonly options: StateOptions };

/** Spans, nearly all that comes, have a form of their own. */
export const encodeEntry = (entry: Entry): Buffer =>
  entry.kind === 'spans' ? encodeSpans(entry.nowMs, entry.spans) : pack(entry);

const KINDS: Readonly<Record<Entry['kind'], true>> = {
  spans: true,
  evaluations: true,
  outcome: true,
  settle: true,
  scrape: true,
  clock: true,
  options: true,
};

/** Throws a RangeError on an entry of a kind that is not known, which a later version may have written. */
export function decodeEntry(bytes: Buffer): Entry {
  if (bytes[0] === SPANS) return { kind: 'spans', ...decodeSpans(bytes) };
  const entry = unpack(bytes);
  const kind = typeof entry === 'object' && entry !== null && 'kind' in entry ? String(entry.kind) : 'none';
  if (!Object.hasOwn(KINDS, kind)) throw new RangeError(`an entry of the kind ${JSON.stringify(kind)}`);
  return entry as Entry;
}
