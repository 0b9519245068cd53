/** A body that is not what it says it is. The message goes to the sender. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}

/** Wire types of protobuf. Groups (3, 4) have been out of use since proto2. */
export const WIRE = { VARINT: 0, FIXED64: 1, BYTES: 2, FIXED32: 5 } as const;

/** As JSON has it: a mark of the byte order is a character like any other. */
const UTF8 = new TextDecoder('utf-8', { ignoreBOM: true });
/** Below this, building a string byte by byte beats the decoder's call. */
const SHORT_STRING_BYTES = 32;

/** Reads protobuf from one slice of a buffer without copying; whatever does not fit throws {@link MalformedError}. */
export class WireReader {
  /** Number and wire type of the field that {@link next} has read. */
  field = 0;
  wireType = 0;
  readonly #bytes: Buffer;
  #position: number;
  readonly #end: number;

  constructor(bytes: Buffer, start = 0, end = bytes.length) {
    this.#bytes = bytes;
    this.#position = start;
    this.#end = end;
  }

  /** Goes to the next field; false at the end. */
  next(): boolean {
    if (this.#position >= this.#end) return false;
    const tag = this.varint();
    this.field = Math.floor(tag / 8);
    this.wireType = tag % 8;
    if (this.field === 0 || this.field > 0x1fffffff)
      throw new MalformedError('invalid protobuf field number');
    return true;
  }

  /** An unsigned varint as a number; beyond 2^53 it loses digits, which only matters to signed values. */
  varint(): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 10; count += 1) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new MalformedError('protobuf varint is longer than 10 bytes');
  }

  /** An int64 varint: two's complement. */
  signedVarint(): number {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number(BigInt.asIntN(64, value));
    }
    throw new MalformedError('protobuf varint is longer than 10 bytes');
  }

  /** An unsigned 64-bit integer as milliseconds of nanoseconds, with fractions. */
  nanosAsMs(): number {
    const start = this.#take(8);
    const low = this.#bytes.readUInt32LE(start);
    const high = this.#bytes.readUInt32LE(start + 4);
    // Two parts, because nanoseconds since the epoch need more than 53 bits.
    const seconds = BigInt(high) * 4_294_967_296n + BigInt(low);
    return Number(seconds / 1_000_000n) + Number(seconds % 1_000_000n) / 1e6;
  }

  double(): number {
    return this.#bytes.readDoubleLE(this.#take(8));
  }

  /** Another reader of the same bytes, from here on. */
  again(): WireReader {
    return new WireReader(this.#bytes, this.#position, this.#end);
  }

  /** A reader over the bytes of this field: a message inside. */
  message(): WireReader {
    const length = this.#length();
    const start = this.#take(length);
    return new WireReader(this.#bytes, start, start + length);
  }

  string(): string {
    const length = this.#length();
    const start = this.#take(length);
    const end = start + length;
    if (length > SHORT_STRING_BYTES) return UTF8.decode(this.#bytes.subarray(start, end));
    for (let index = start; index < end; index += 1) {
      if (this.#bytes[index]! >= 0x80) return UTF8.decode(this.#bytes.subarray(start, end));
    }
    return this.#bytes.toString('latin1', start, end);
  }

  hex(): string {
    const length = this.#length();
    const start = this.#take(length);
    return this.#bytes.toString('hex', start, start + length);
  }

  /** Passes over a field that nobody needs. */
  skip(): void {
    if (this.wireType === WIRE.VARINT) this.varint();
    else if (this.wireType === WIRE.FIXED64) this.#take(8);
    else if (this.wireType === WIRE.BYTES) this.#take(this.#length());
    else if (this.wireType === WIRE.FIXED32) this.#take(4);
    else throw new MalformedError(`protobuf wire type ${this.wireType} is not in use`);
  }

  /** Holds a known field to its wire type. */
  expect(wireType: number): void {
    if (this.wireType !== wireType)
      throw new MalformedError(
        `protobuf field ${this.field} has wire type ${this.wireType}, not ${wireType}`,
      );
  }

  #length(): number {
    this.expect(WIRE.BYTES);
    return this.varint();
  }

  #byte(): number {
    return this.#bytes[this.#take(1)]!;
  }

  #take(length: number): number {
    const start = this.#position;
    if (length > this.#end - start) throw new MalformedError('protobuf message is cut short');
    this.#position = start + length;
    return start;
  }
}
