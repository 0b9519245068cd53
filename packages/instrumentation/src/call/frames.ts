/** A frame longer than this ends the reading: no event of a model is that long. */
const MAX_FRAME_BYTES = 16 * 1024 * 1024;
/** Two lengths and their checksum before it, one more checksum behind it. */
const [PRELUDE_BYTES, CHECKSUM_BYTES] = [12, 4];
/** Kinds of header values, by their number: of a fixed length, or told by the two bytes before them. */
const FIXED_BYTES: Readonly<Record<number, number>> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 };

/** Reads the event streams of AWS as they pass by: `{<name of the event>: <its JSON>}` of each. */
export class FrameReader {
  readonly #onEvent: (event: object) => void;
  #pending: Buffer = Buffer.alloc(0);
  #isReading = true;

  constructor(onEvent: (event: object) => void) {
    this.#onEvent = onEvent;
  }

  /** Takes the bytes that came in, cut wherever they are. */
  push(bytes: Uint8Array): void {
    if (!this.#isReading) return;
    this.#pending = Buffer.concat([this.#pending, bytes]);
    while (this.#isReading && this.#pending.length >= PRELUDE_BYTES) {
      const size = this.#pending.readUInt32BE(0);
      this.#isReading = size >= PRELUDE_BYTES + CHECKSUM_BYTES && size <= MAX_FRAME_BYTES;
      if (!this.#isReading || this.#pending.length < size) return;
      const frame = this.#pending.subarray(0, size);
      // First: one that cannot be read is not read again.
      this.#pending = this.#pending.subarray(size);
      const event = readFrame(frame);
      if (event !== undefined) this.#onEvent(event);
    }
  }
}

function readFrame(frame: Buffer): object | undefined {
  const payloadAt = PRELUDE_BYTES + frame.readUInt32BE(4);
  const headers = readHeaders(frame.subarray(PRELUDE_BYTES, payloadAt));
  const name = headers.get(':event-type') ?? headers.get(':exception-type');
  const payload = frame.subarray(payloadAt, frame.length - CHECKSUM_BYTES).toString();
  return name === undefined ? undefined : { [name]: JSON.parse(payload) as unknown };
}

function readHeaders(bytes: Buffer): ReadonlyMap<string, string> {
  const headers = new Map<string, string>();
  for (let at = 0; at < bytes.length; ) {
    const nameEnd = at + 1 + bytes.readUInt8(at);
    const fixed = FIXED_BYTES[bytes.readUInt8(nameEnd)];
    const valueAt = nameEnd + (fixed === undefined ? 3 : 1);
    const valueEnd = valueAt + (fixed ?? bytes.readUInt16BE(nameEnd + 1));
    headers.set(bytes.toString('utf8', at + 1, nameEnd), bytes.toString('utf8', valueAt, valueEnd));
    at = valueEnd;
  }
  return headers;
}
