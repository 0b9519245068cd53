import { readFields } from '../providers/fields.js';

/** A body beyond this size is not read for its model: the answer names it as well. */
const MAX_BODY_BYTES = 1024 * 1024;
/** Of a longer form its beginning and its end are: what is said of a file stands before it or behind it. */
const MAX_FORM_END_BYTES = 64 * 1024;
/** A field of a form that is no file. */
const FORM_FIELD =
  /^\r\ncontent-disposition: *form-data; *name="([^"]+)" *\r\n(?:[^\r\n]+\r\n)*\r\n(.*)\r\n$/is;
const FORM_MARK = '--';
/** How long the next piece is, where the length of the whole was not known when it was sent. */
const CHUNK_SIZE = /^[\da-f]{1,8}\r\n/i;

/** The body of a request as it passes by, as far as it says what is asked. */
export class RequestBody {
  #parts: Buffer[] = [];
  #bytes = 0;
  /** Of a form that is too large to be kept. */
  #beginning: Buffer | undefined;
  isLarge = false;

  push(part: unknown): void {
    if (typeof part !== 'string' && !(part instanceof Uint8Array)) return;
    // A copy: who sends may use the buffer again.
    const bytes = Buffer.from(part as Uint8Array);
    this.#parts.push(bytes);
    this.#bytes += bytes.length;
    if (this.#bytes > MAX_BODY_BYTES) this.#keepEnds();
  }

  #keepEnds(): void {
    const bytes = Buffer.concat(this.#parts);
    this.isLarge = true;
    this.#beginning ??= Buffer.from(withoutSizes(bytes).subarray(0, MAX_FORM_END_BYTES));
    this.#parts = [Buffer.from(bytes.subarray(-MAX_FORM_END_BYTES))];
    this.#bytes = MAX_FORM_END_BYTES;
  }

  /** Its fields; none of a stream of something else, of which only the answer tells. */
  read(): unknown {
    const bytes = Buffer.concat(this.#parts);
    this.#parts = [];
    const whole = this.#beginning ?? withoutSizes(bytes);
    const text = whole.toString();
    if (text.startsWith(FORM_MARK)) return readForm(this.isLarge ? text + bytes.toString() : text);
    try {
      return readFields(JSON.parse(text));
    } catch {
      return {};
    }
  }
}

function readForm(text: string): unknown {
  const boundary = text.slice(0, text.indexOf('\r\n'));
  const fields = text.split(boundary).flatMap((part) => {
    const [, name, value] = FORM_FIELD.exec(part) ?? [];
    return name === undefined ? [] : [[name, value === 'true' ? true : value] as const];
  });
  return Object.fromEntries(fields);
}

/** What was sent piece by piece, less the length before each. */
function withoutSizes(bytes: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; ; ) {
    const size = CHUNK_SIZE.exec(bytes.toString('latin1', at, at + 10))?.[0];
    if (size === undefined) return pieces.length === 0 ? bytes : Buffer.concat(pieces);
    const start = at + size.length;
    const end = start + Number.parseInt(size, 16);
    pieces.push(bytes.subarray(start, end));
    at = end + 2;
  }
}
