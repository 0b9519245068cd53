import type { CallRecord } from '../records.js';

/** Calls that are remembered: some for each feature, model and tenant of a busy minute. */
const PLACES = 4_096;

/**
 * What was made of the last calls of each kind. Calls of one kind come by the thousand, and their labels are the same
 * texts in memory: to compare those takes a fraction of the time that a key made of all of them takes.
 */
export class RecentCalls<V> {
  readonly #isAlike: (a: CallRecord, b: CallRecord) => boolean;
  readonly #calls = new Array<CallRecord | undefined>(PLACES).fill(undefined);
  readonly #values = new Array<V | undefined>(PLACES).fill(undefined);

  /**
   * `isAlike`: whether the same is made of both. One function, field by field: to go through a list of functions that
   * read a field each takes longer than all that is done with the call otherwise.
   */
  constructor(isAlike: (a: CallRecord, b: CallRecord) => boolean) {
    this.#isAlike = isAlike;
  }

  /** What was made of one like it, else what `make` makes of it. */
  find(call: CallRecord, make: (call: CallRecord) => V): V {
    const place = placeOf(call);
    const known = this.#calls[place];
    if (known !== undefined && this.#isAlike(known, call)) return this.#values[place]!;
    const value = make(call);
    this.#calls[place] = call;
    this.#values[place] = value;
    return value;
  }
}

function placeOf({ feature, model, userTier, tenant }: CallRecord): number {
  let place = endOf(feature);
  place = Math.imul(place ^ endOf(model), 0x9e3779b1);
  place = Math.imul(place ^ endOf(tenant), 0x85ebca6b);
  place = Math.imul(place ^ endOf(userTier), 0xc2b2ae35);
  return (place ^ (place >>> 15)) & (PLACES - 1);
}

/** Its length, its last three characters and its middle one: where labels of one kind differ. */
export function endOf(label: string): number {
  const { length } = label;
  if (length < 3)
    return length === 0 ? 0 : length ^ (label.charCodeAt(0) << 6) ^ (label.charCodeAt(length - 1) << 13);
  let end = length ^ (label.charCodeAt(length >> 1) << 24);
  end ^= label.charCodeAt(length - 1) << 4;
  end ^= label.charCodeAt(length - 2) << 11;
  return end ^ (label.charCodeAt(length - 3) << 18);
}
