/** The codes of two hex digits for each byte. */
const HIGH_DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => (byte >> 4).toString(16).charCodeAt(0));
const LOW_DIGIT = Uint8Array.from({ length: 256 }, (_, byte) => (byte & 15).toString(16).charCodeAt(0));

/** What a lower-case hex digit stands for, by its code; NO_DIGIT for every other character below 128. */
const NO_DIGIT = 16;
const DIGITS = new Uint8Array(128).fill(NO_DIGIT);
for (let digit = 0; digit < NO_DIGIT; digit += 1) DIGITS[digit.toString(16).charCodeAt(0)] = digit;

/** Eight bytes as sixteen digits. Made digit by digit it takes half as long as a call of the buffer's own. */
export function readHex8(bytes: Uint8Array, at: number): string {
  const [a, b, c, d] = [bytes[at]!, bytes[at + 1]!, bytes[at + 2]!, bytes[at + 3]!];
  const [e, f, g, h] = [bytes[at + 4]!, bytes[at + 5]!, bytes[at + 6]!, bytes[at + 7]!];
  return String.fromCharCode(
    HIGH_DIGIT[a]!,
    LOW_DIGIT[a]!,
    HIGH_DIGIT[b]!,
    LOW_DIGIT[b]!,
    HIGH_DIGIT[c]!,
    LOW_DIGIT[c]!,
    HIGH_DIGIT[d]!,
    LOW_DIGIT[d]!,
    HIGH_DIGIT[e]!,
    LOW_DIGIT[e]!,
    HIGH_DIGIT[f]!,
    LOW_DIGIT[f]!,
    HIGH_DIGIT[g]!,
    LOW_DIGIT[g]!,
    HIGH_DIGIT[h]!,
    LOW_DIGIT[h]!,
  );
}

/** The code of each hex digit in lower case, by its own; 0 for all that is none. */
const LOWER_DIGIT = new Uint8Array(256);
for (const digit of '0123456789abcdefABCDEF')
  LOWER_DIGIT[digit.charCodeAt(0)] = digit.toLowerCase().charCodeAt(0);

/** Sixteen digits that stand there, in lower case; undefined where something else does. */
export function readHexDigits16(bytes: Uint8Array, at: number): string | undefined {
  if (at + 16 > bytes.length) return undefined;
  for (let index = 0; index < 16; index += 1) if (LOWER_DIGIT[bytes[at + index]!] === 0) return undefined;
  return String.fromCharCode(
    LOWER_DIGIT[bytes[at]!]!,
    LOWER_DIGIT[bytes[at + 1]!]!,
    LOWER_DIGIT[bytes[at + 2]!]!,
    LOWER_DIGIT[bytes[at + 3]!]!,
    LOWER_DIGIT[bytes[at + 4]!]!,
    LOWER_DIGIT[bytes[at + 5]!]!,
    LOWER_DIGIT[bytes[at + 6]!]!,
    LOWER_DIGIT[bytes[at + 7]!]!,
    LOWER_DIGIT[bytes[at + 8]!]!,
    LOWER_DIGIT[bytes[at + 9]!]!,
    LOWER_DIGIT[bytes[at + 10]!]!,
    LOWER_DIGIT[bytes[at + 11]!]!,
    LOWER_DIGIT[bytes[at + 12]!]!,
    LOWER_DIGIT[bytes[at + 13]!]!,
    LOWER_DIGIT[bytes[at + 14]!]!,
    LOWER_DIGIT[bytes[at + 15]!]!,
  );
}

/** Writes an even number of lower-case hex digits as bytes, for which there is room; false where the text is another one. */
export function writeHex(text: string, bytes: Uint8Array, at: number): boolean {
  const size = text.length / 2;
  for (let index = 0; index < size; index += 1) {
    const high = DIGITS[text.charCodeAt(2 * index)] ?? NO_DIGIT;
    const low = DIGITS[text.charCodeAt(2 * index + 1)] ?? NO_DIGIT;
    if (high === NO_DIGIT || low === NO_DIGIT) return false;
    bytes[at + index] = high * 16 + low;
  }
  return true;
}

/** Whether a text is so many lower-case hex digits, of which one is not 0. Quicker than a regular expression. */
export function isHexId(text: string, digits: number): boolean {
  if (text.length !== digits) return false;
  let seen = 0;
  for (let index = 0; index < digits; index += 1) seen |= DIGITS[text.charCodeAt(index)] ?? NO_DIGIT;
  return seen > 0 && seen < NO_DIGIT;
}
