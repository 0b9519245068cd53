import { HashedCells, NONE, PART_BYTES, PART_MEMORY, readId, SPAN_ID, TRACE_ID } from '@costspan/aggregate';
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
  /** A ring of what was seen, oldest first. */
  #ring = new SpanRing(0);
  readonly #times = new SeenTimes();
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
    if (this.#ring.has(high, low, trace)) return false;
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
    const reading = new RingReading(this.#ring, {
      times: this.#times.copy(),
      first: this.#first,
      size: this.#size,
    });
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
    if (this.#ring.capacity > maxSpans) this.#resize(maxSpans);
  }

  /** The clock was set by so much: what was seen is as old as before. */
  shiftClock(byMs: number): void {
    this.#times.shiftClock(byMs);
  }

  #makeRoom(): void {
    if (this.#size < this.#ring.capacity) return;
    if (this.#size < this.#options.maxSpans) this.#resize(Math.min(this.#size * 2, this.#options.maxSpans));
    else {
      this.#forgetFirst();
      this.forgotten += 1;
    }
  }

  /** The newest, all but its time. */
  #put(high: number, low: number, trace: number): void {
    const place = (this.#first + this.#size) % this.#ring.capacity;
    if (this.#readings.length > 0) this.#readBefore(place);
    this.#ring.put(place, { high, low, trace });
    this.#size += 1;
  }

  /** What stands in this place is read by those that have yet to. */
  #readBefore(place: number): void {
    this.#readings = this.#readings.filter(({ isOver }) => !isOver);
    for (const reading of this.#readings) reading.beforeChange(place);
  }

  #forgetFirst(): void {
    this.#ring.forget(this.#first);
    this.#first = (this.#first + 1) % this.#ring.capacity;
    this.#size -= 1;
    this.#times.shift();
  }

  #resize(capacity: number): void {
    const before = this.#ring;
    const [first, size] = [this.#first, this.#size];
    // Whoever reads has what was to himself.
    this.#readings = [];
    this.#ring = new SpanRing(capacity);
    this.#first = 0;
    this.#size = 0;
    for (let index = 0; index < size; index += 1) {
      const from = (first + index) % before.capacity;
      this.#put(before.high[from]!, before.low[from]!, before.trace[from]!);
    }
  }
}

/** Spans by their places, in columns, to be found by their ids. */
class SpanRing extends HashedCells {
  readonly high: Int32Array;
  readonly low: Int32Array;
  readonly trace: Int32Array;

  constructor(capacity: number) {
    super();
    this.high = new Int32Array(capacity);
    this.low = new Int32Array(capacity);
    this.trace = new Int32Array(capacity);
    this.clear(Math.max(capacity, 1));
  }

  get capacity(): number {
    return this.high.length;
  }

  has(high: number, low: number, trace: number): boolean {
    const hash = mix(high, low);
    for (let place = this.first(hash); place !== NONE; place = this.next(hash))
      if (this.low[place] === low && this.high[place] === high && this.trace[place] === trace) return true;
    return false;
  }

  put(place: number, { high, low, trace }: { high: number; low: number; trace: number }): void {
    this.high[place] = high;
    this.low[place] = low;
    this.trace[place] = trace;
    this.place(place, mix(high, low));
  }

  forget(place: number): void {
    this.displace(place);
  }

  protected override hashOf(place: number): number {
    return mix(this.high[place]!, this.low[place]!);
  }
}

/** Reads a ring as it stands at one moment, oldest first, while it goes on: a copy of it would take as much memory again. */
class RingReading {
  readonly #ring: SpanRing;
  /** Of those that have not been read. */
  readonly #times: SeenTimes;
  readonly #first: number;
  readonly #size: number;
  /** Spans that have been read. */
  #read = 0;
  /** Pieces that were read before their turn. */
  readonly #early: Uint8Array[] = [];

  constructor(ring: SpanRing, { times, first, size }: { times: SeenTimes; first: number; size: number }) {
    this.#ring = ring;
    this.#times = times;
    this.#first = first;
    this.#size = size;
  }

  get isOver(): boolean {
    return this.#read === this.#size;
  }

  /** To be called before a place gets another span. */
  beforeChange(place: number): void {
    const { capacity } = this.#ring;
    const number = (place - this.#first + capacity) % capacity;
    if (number < this.#size) while (this.#read <= number) this.#early.push(this.#readPiece());
  }

  *pieces(): IterableIterator<Uint8Array> {
    while (this.#early.length > 0 || !this.isOver) yield this.#early.shift() ?? this.#readPiece();
  }

  #readPiece(): Uint8Array {
    const { high, low, trace, capacity } = this.#ring;
    const times = this.#times;
    const count = Math.min(PIECE_SPANS, this.#size - this.#read);
    const memory = PART_MEMORY.take();
    const piece = new DataView(memory.buffer);
    for (let index = 0; index < count; index += 1) {
      const place = (this.#first + this.#read + index) % capacity;
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
