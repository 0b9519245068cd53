import { viewOf } from './wire.js';

/** Bytes that others are compared with, four at a time. */
export class Pattern {
  /** A view would tell it by a call that is not compiled into whoever asks. */
  readonly length: number;
  readonly #view: DataView;

  /** The bytes must not change. */
  constructor(bytes: Uint8Array) {
    this.length = bytes.length;
    this.#view = viewOf(bytes);
  }

  /** Whether they stand there, in a view that reaches as far. */
  standsAt(view: DataView, from: number): boolean {
    return isEqual(view, from, this.#view, 0, this.length);
  }
}

/** Whether so many bytes are the same: four at a time, the last four maybe a second time. */
export function isEqual(a: DataView, aFrom: number, b: DataView, bFrom: number, length: number): boolean {
  const last = length - 4;
  if (last < 0) return isEqualShort(a, aFrom, b, bFrom, length);
  for (let at = 0; at < last; at += 4)
    if (a.getInt32(aFrom + at, true) !== b.getInt32(bFrom + at, true)) return false;
  return a.getInt32(aFrom + last, true) === b.getInt32(bFrom + last, true);
}

function isEqualShort(a: DataView, aFrom: number, b: DataView, bFrom: number, length: number): boolean {
  for (let at = 0; at < length; at += 1) if (a.getInt8(aFrom + at) !== b.getInt8(bFrom + at)) return false;
  return true;
}
