import { PART_BYTES, PART_MEMORY, readId, SPAN_ID, TRACE_ID } from '@costspan/aggregate';
import { SeenTimes } from './seen-times.js';

/** How many spans are remembered, and for how long. */
export interface DedupeOptions {
  readonly maxSpans: number;
  readonly windowMs: number;
}

const FIRST_CAPACITY = 1_024;
/** Bytes of one span in a piece of the state, and spans in one piece. */
const SPAN_BYTES = 20;
const PIECE_SPANS = Math.floor(PART_BYTES / SPAN_BYTES);

/**
 * Recognises what an exporter sends again because our answer got lost. Within the window, and as long as no more
 * than `maxSpans` came in between, a span counts once. A span is known by its whole id and 32 bits of its trace's, in
 * arrays of numbers: a million of them take 20 MB, as texts in a map they took 350.
 */
export class Dedupe {
  /** Spans that `maxSpans` has let go before their window was over. */
  forgotten = 0;
  #options: DedupeOptions;
  // A ring of what was seen, oldest first, and an open-addressed table of places in it, each plus one, 0 for none. Bits
  // that a place does not need are those of its span's hash: what is another span is mostly known without a look at it.
  #high = new Int32Array(0);
  #low = new Int32Array(0);
  #trace = new Int32Array(0);
  readonly #times = new SeenTimes();
  #table = new Int32Array(0);
  #first = 0;
  #size = 0;
  /** Under way; mostly none. */
  #readings: RingReading[] = [];

  constructor(options: DedupeOptions) {
    this.#options = options;
    this.#resize(Math.min(FIRST_CAPACITY, options.maxSpans));
  }

  /** True the first time. */
  admit(traceId: string, spanId: string, nowMs: number): boolean {
    while (this.#size > 0 && nowMs - this.#times.oldestMs > this.#options.windowMs) this.#forgetFirst();
    const ofSpan = readId(spanId, SPAN_ID).words;
    const ofTrace = readId(traceId, TRACE_ID).words;
    const high = ofSpan[0]!;
    const low = ofSpan[1]!;
    const trace = mix(mix(ofTrace[0]!, ofTrace[1]!), mix(ofTrace[2]!, ofTrace[3]!));
    if (this.#has(high, low, trace)) return false;
    this.#makeRoom();
    this.#put(high, low, trace);
    this.#times.push(nowMs);
    return true;
  }

  /**
   * What is remembered now, oldest first, in pieces, whatever is admitted while they are taken. Their memory may be given
   * back to `PART_MEMORY`.
   */
  readState(): IterableIterator<Uint8Array> {
    const [high, low, trace] = [this.#high, this.#low, this.#trace];
    const ring = { high, low, trace, times: this.#times.copy() };
    const reading = new RingReading(ring, this.#first, this.#size);
    this.#readings.push(reading);
    return reading.pieces();
  }

  /** Adds a piece of {@link readState}, as the newest. */
  restore(piece: Uint8Array): void {
    const bytes = Buffer.from(piece.buffer, piece.byteOffset, piece.length);
    for (let at = 0; at < bytes.length; at += SPAN_BYTES) {
      this.#makeRoom();
      this.#put(bytes.readInt32LE(at), bytes.readInt32LE(at + 4), bytes.readInt32LE(at + 8));
      this.#times.push(bytes.readDoubleLE(at + 12));
    }
  }

  /** From now on so many are remembered for so long. */
  change(options: DedupeOptions): void {
    this.#options = options;
    const { maxSpans } = options;
    for (; this.#size > maxSpans; this.forgotten += 1) this.#forgetFirst();
    if (this.#high.length > maxSpans) this.#resize(maxSpans);
  }

  /** The clock was set by so much: what was seen is as old as before. */
  shiftClock(byMs: number): void {
    this.#times.shiftClock(byMs);
  }

  #makeRoom(): void {
    if (this.#size < this.#high.length) return;
    if (this.#size < this.#options.maxSpans) this.#resize(Math.min(this.#size * 2, this.#options.maxSpans));
    else {
      this.#forgetFirst();
      this.forgotten += 1;
    }
  }

  #has(high: number, low: number, trace: number): boolean {
    const mask = this.#table.length - 1;
    const hash = mix(high, low);
    for (let cell = hash & mask; this.#table[cell] !== 0; cell = (cell + 1) & mask) {
      if (((this.#table[cell]! ^ hash) & ~mask) !== 0) continue;
      const place = this.#placeAt(cell);
      if (this.#low[place] === low && this.#high[place] === high && this.#trace[place] === trace) return true;
    }
    return false;
  }

  /** The newest, all but its time. */
  #put(high: number, low: number, trace: number): void {
    const place = (this.#first + this.#size) % this.#high.length;
    if (this.#readings.length > 0) this.#readBefore(place);
    this.#high[place] = high;
    this.#low[place] = low;
    this.#trace[place] = trace;
    const mask = this.#table.length - 1;
    const hash = mix(high, low);
    let cell = hash & mask;
    while (this.#table[cell] !== 0) cell = (cell + 1) & mask;
    this.#table[cell] = (hash & ~mask) | (place + 1);
    this.#size += 1;
  }

  /** What stands in this place is read by those that have yet to. */
  #readBefore(place: number): void {
    this.#readings = this.#readings.filter(({ isOver }) => !isOver);
    for (const reading of this.#readings) reading.beforeChange(place);
  }

  #forgetFirst(): void {
    const mask = this.#table.length - 1;
    let hole = this.#home(this.#first);
    while (this.#placeAt(hole) !== this.#first) hole = (hole + 1) & mask;
    // What stands behind the hole and would no longer be found moves into it.
    for (let cell = (hole + 1) & mask; this.#table[cell] !== 0; cell = (cell + 1) & mask) {
      const home = this.#home(this.#placeAt(cell));
      if (((cell - home) & mask) < ((cell - hole) & mask)) continue;
      this.#table[hole] = this.#table[cell]!;
      hole = cell;
    }
    this.#table[hole] = 0;
    this.#first = (this.#first + 1) % this.#high.length;
    this.#size -= 1;
    this.#times.shift();
  }

  /** The table has more cells than there are places: what masks a hash masks a place. */
  #placeAt(cell: number): number {
    return (this.#table[cell]! & (this.#table.length - 1)) - 1;
  }

  #home(place: number): number {
    return mix(this.#high[place]!, this.#low[place]!) & (this.#table.length - 1);
  }

  #resize(capacity: number): void {
    const [high, low, trace] = [this.#high, this.#low, this.#trace];
    const [first, size] = [this.#first, this.#size];
    // Whoever reads has what was to himself.
    this.#readings = [];
    this.#high = new Int32Array(capacity);
    this.#low = new Int32Array(capacity);
    this.#trace = new Int32Array(capacity);
    // At most half full, so that a search ends soon.
    this.#table = new Int32Array(2 ** Math.ceil(Math.log2(capacity * 2)));
    this.#first = 0;
    this.#size = 0;
    for (let index = 0; index < size; index += 1) {
      const from = (first + index) % high.length;
      this.#put(high[from]!, low[from]!, trace[from]!);
    }
  }
}

/** A ring of spans, in columns, and when they were seen. */
interface Ring {
  readonly high: Int32Array;
  readonly low: Int32Array;
  readonly trace: Int32Array;
  /** Of those that have not been read. */
  readonly times: SeenTimes;
}

/** Reads a ring as it stands at one moment, oldest first, while it goes on: a copy of it would take as much memory again. */
class RingReading {
  readonly #ring: Ring;
  readonly #first: number;
  readonly #size: number;
  /** Spans that have been read. */
  #read = 0;
  /** Pieces that were read before their turn. */
  readonly #early: Uint8Array[] = [];

  constructor(ring: Ring, first: number, size: number) {
    this.#ring = ring;
    this.#first = first;
    this.#size = size;
  }

  get isOver(): boolean {
    return this.#read === this.#size;
  }

  /** To be called before a place gets another span. */
  beforeChange(place: number): void {
    const { length } = this.#ring.high;
    const number = (place - this.#first + length) % length;
    if (number < this.#size) while (this.#read <= number) this.#early.push(this.#readPiece());
  }

  *pieces(): IterableIterator<Uint8Array> {
    while (this.#early.length > 0 || !this.isOver) yield this.#early.shift() ?? this.#readPiece();
  }

  #readPiece(): Uint8Array {
    const { high, low, trace, times } = this.#ring;
    const count = Math.min(PIECE_SPANS, this.#size - this.#read);
    const memory = PART_MEMORY.take();
    const piece = new DataView(memory.buffer);
    for (let index = 0; index < count; index += 1) {
      const place = (this.#first + this.#read + index) % high.length;
      piece.setInt32(index * SPAN_BYTES, high[place]!, true);
      piece.setInt32(index * SPAN_BYTES + 4, low[place]!, true);
      piece.setInt32(index * SPAN_BYTES + 8, trace[place]!, true);
      piece.setFloat64(index * SPAN_BYTES + 12, times.oldestMs, true);
      times.shift();
    }
    this.#read += count;
    return memory.subarray(0, count * SPAN_BYTES);
  }
}

/** Two numbers of 32 bits as one in which each bit of both matters (the finalizer of MurmurHash3). */
function mix(a: number, b: number): number {
  let hash = Math.imul(a, 0x9e3779b1) ^ b;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
