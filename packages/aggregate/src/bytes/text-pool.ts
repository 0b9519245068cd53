/** Texts that are remembered, and the longest of them. A new one takes the place of one with the same hash. */
const PLACES = 2_048;
const MAX_BYTES = 64;

/** Texts of ASCII that come again and again: each is the same text in memory then, and is compared at once. */
export class TextPool {
  readonly #texts = new Array<string>(PLACES).fill('');

  /** The text that stands there. */
  read(bytes: Buffer, from: number, to: number): string {
    const length = to - from;
    if (length > MAX_BYTES) return bytes.toString('latin1', from, to);
    let hash = length;
    for (let at = from; at < to; at += 1) hash = Math.imul(hash ^ bytes[at]!, 0x01000193);
    const place = (hash ^ (hash >>> 15)) & (PLACES - 1);
    const known = this.#texts[place]!;
    if (known.length === length && isText(known, bytes, from)) return known;
    const text = bytes.toString('latin1', from, to);
    this.#texts[place] = text;
    return text;
  }
}

function isText(text: string, bytes: Buffer, from: number): boolean {
  for (let index = 0; index < text.length; index += 1)
    if (text.charCodeAt(index) !== bytes[from + index]) return false;
  return true;
}
