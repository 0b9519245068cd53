const MAX_INT32 = 2 ** 31 - 1;

/** A number of 53 bits. */
export const VARINT_BYTES = 8;

/** Writes a whole number from 0 to 2^53 - 1, for which there is room; returns where it ends. */
export function writeVarint(bytes: Uint8Array, start: number, value: number): number {
  let at = start;
  let rest = value;
  // Nearly all are of 32 bits, for which no division is needed.
  while (rest > MAX_INT32) {
    bytes[at] = (rest % 128) + 128;
    at += 1;
    rest = Math.floor(rest / 128);
  }
  while (rest >= 128) {
    bytes[at] = (rest & 127) | 128;
    at += 1;
    rest >>= 7;
  }
  bytes[at] = rest;
  return at + 1;
}
