/** A body that is read as raw bytes is kept for its usage up to here; beyond, the usage is unknown. */
const MAX_RAW_BODY_CHARS = 4 * 1024 * 1024;
/** In a body that grows beyond it, longer strings and lists of numbers are left out: pictures, sound, vectors. */
const MAX_KEPT_STRING_CHARS = 4 * 1024;
const LONG_NUMBERS = /\[[-+.\deE,\s]{1024,}\]/g;

/** The text of a JSON body that passes by, kept for what it tells besides its content. */
export class BodyText {
  #text: string | undefined = '';

  push(part: string): void {
    if (this.#text === undefined) return;
    this.#text += part;
    if (this.#text.length <= MAX_RAW_BODY_CHARS) return;
    const shortened = shorten(this.#text);
    // What hardly becomes shorter would be shortened again with every part.
    this.#text = shortened.length > MAX_RAW_BODY_CHARS / 2 ? undefined : shortened;
  }

  /** `undefined` where it was too long. */
  read(): string | undefined {
    return this.#text;
  }
}

/** JSON, or its beginning, with nothing in the place of what is long in it. */
function shorten(json: string): string {
  let kept = '';
  for (let at = 0; ; ) {
    const open = json.indexOf('"', at);
    const between = json.slice(at, open < 0 ? undefined : open).replace(LONG_NUMBERS, '[]');
    if (open < 0) return kept + between;
    const close = findClosingQuote(json, open + 1);
    const string = json.slice(open, close);
    kept += between + (string.length > MAX_KEPT_STRING_CHARS ? emptied(string) : string);
    if (close >= json.length) return kept;
    // The quote that closes it.
    kept += '"';
    at = close + 1;
  }
}

/** Where a string ends, its length where its end has not come yet. */
function findClosingQuote(json: string, from: number): number {
  for (let at = json.indexOf('"', from); at >= 0; at = json.indexOf('"', at + 1)) {
    if (countBackslashes(json, at) % 2 === 0) return at;
  }
  return json.length;
}

function countBackslashes(text: string, before: number): number {
  let count = 0;
  while (text[before - 1 - count] === '\\') count += 1;
  return count;
}

/** An opening quote, and half of an escape whose other half has not come yet. */
const emptied = (string: string): string => (countBackslashes(string, string.length) % 2 === 0 ? '"' : '"\\');
