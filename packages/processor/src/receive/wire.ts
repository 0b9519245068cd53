import { readHex8 } from '@costspan/aggregate';

/** A body that is not what it says it is. The message goes to the sender. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
}

/** Wire types of protobuf. Groups (3, 4) have been out of use since proto2. */
export const WIRE = { VARINT: 0, FIXED64: 1, BYTES: 2, FIXED32: 5 } as const;

const SPAN_ID_BYTES = 8;

/**
 * Reads protobuf from a buffer without copying; whatever does not fit throws {@link MalformedError}. One reader does
 * for all messages of a body: {@link enter} goes into one, {@link leave} out of it.
 */
export class WireReader {
  /** Number and wire type of the field that {@link next} has read. */
  field = 0;
  wireType = 0;
  /** Where the bytes lie that {@link range} has passed. */
  from = 0;
  to = 0;
  readonly bytes: Buffer;
  /** The same bytes, for what is longer than one of them. */
  readonly view: DataView;
  /** Where the next field begins; a message is read a second time by setting it back within it. */
  position = 0;
  #end: number;
  /** Of each message around this one: where it goes on, and where it ends. */
  readonly #around: number[] = [];

  constructor(bytes: Buffer) {
    this.bytes = bytes;
    this.view = viewOf(bytes);
    this.#end = bytes.length;
  }

  /** Goes to the next field; false at the end of the message. */
  next(): boolean {
    if (this.position >= this.#end) return false;
    const tag = this.varint();
    if (tag < 128) {
      this.field = tag >> 3;
      this.wireType = tag & 7;
    } else {
      this.field = Math.floor(tag / 8);
      this.wireType = tag % 8;
    }
    if (this.field === 0 || this.field > 0x1fffffff)
      throw new MalformedError('invalid protobuf field number');
    return true;
  }

  /** An unsigned varint as a number; beyond 2^53 it loses digits, which only matters to signed values. */
  varint(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    let value = first & 0x7f;
    let factor = 128;
    for (let count = 1; count < 10; count += 1) {
      const byte = this.#byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
      factor *= 128;
    }
    throw new MalformedError('protobuf varint is longer than 10 bytes');
  }

  /** An int64 varint: two's complement. */
  signedVarint(): number {
    const start = this.position;
    const value = this.varint();
    if (value <= Number.MAX_SAFE_INTEGER) return value;
    this.position = start;
    let exact = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      exact |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return Number(BigInt.asIntN(64, exact));
  }

  /** An unsigned 64-bit integer as milliseconds of nanoseconds, with fractions. */
  nanosAsMs(): number {
    const start = this.#take(8);
    const low = this.view.getUint32(start, true);
    const high = this.view.getUint32(start + 4, true);
    // In parts, because nanoseconds since the epoch need more than 53 bits: 2^32 ns are 4,294 ms and 967,296 ns.
    const nanos = high * 967_296 + low;
    return high * 4_294 + Math.floor(nanos / 1e6) + (nanos % 1e6) / 1e6;
  }

  double(): number {
    return this.view.getFloat64(this.#take(8), true);
  }

  /** Passes over the bytes of this field, which {@link from} and {@link to} then tell. */
  range(): void {
    if (this.wireType !== WIRE.BYTES) this.expect(WIRE.BYTES);
    const length = this.varint();
    this.from = this.#take(length);
    this.to = this.from + length;
  }

  /** Goes into the message that this field is. */
  enter(): void {
    this.range();
    this.enterRange(this.from, this.to);
  }

  /** Goes into a message that {@link range} had passed. */
  enterRange(from: number, to: number): void {
    this.#around.push(this.position, this.#end);
    this.position = from;
    this.#end = to;
  }

  /** Goes on behind the message. */
  leave(): void {
    this.#end = this.#around.pop()!;
    this.position = this.#around.pop()!;
  }

  string(): string {
    this.range();
    return readText(this.bytes, this.from, this.to);
  }

  hex(): string {
    this.range();
    const { bytes, from, to } = this;
    return to - from === SPAN_ID_BYTES ? readHex8(bytes, from) : bytes.toString('hex', from, to);
  }

  /** Passes over a field that nobody needs. */
  skip(): void {
    if (this.wireType === WIRE.BYTES) this.#take(this.varint());
    else if (this.wireType === WIRE.VARINT) this.varint();
    else if (this.wireType === WIRE.FIXED64) this.#take(8);
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

  #byte(): number {
    const position = this.position;
    if (position >= this.#end) throw new MalformedError('protobuf message is cut short');
    this.position = position + 1;
    return this.bytes[position]!;
  }

  #take(length: number): number {
    const start = this.position;
    if (length > this.#end - start) throw new MalformedError('protobuf message is cut short');
    this.position = start + length;
    return start;
  }
}

export const viewOf = ({ buffer, byteOffset, byteLength }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, byteLength);

/** Text in UTF-8; what is none becomes U+FFFD. */
export function readText(bytes: Buffer, from: number, to: number): string {
  for (let index = from; index < to; index += 1)
    if (bytes[index]! >= 0x80) return bytes.toString('utf8', from, to);
  return bytes.toString('latin1', from, to);
}
