import { PART_BYTES } from '../bytes/part-memory.js';
import { RowWriter } from '../bytes/row-writer.js';

/**
 * Writes the rows of a table as they stand at one moment, bit by bit, while they go on changing: who changes a row says
 * so before, and then it is written at once. So no row waits as anything but its bytes, and each is written once, in
 * whatever order. What comes later is no part of it.
 */
export class RowReading {
  /** By row, those that there were: above 0 until it is written. */
  readonly #isAhead: Uint8Array;
  readonly #write: (row: number, writer: RowWriter) => void;
  readonly #writer = new RowWriter();
  #complete: Uint8Array[] = [];

  /** `rows`: above 0 for each row that there is; it is the reading's own from now on. */
  constructor(rows: Uint8Array, write: (row: number, writer: RowWriter) => void) {
    this.#isAhead = rows;
    this.#write = write;
  }

  /** To be called before a row changes or is given to something else. */
  beforeChange(row: number): void {
    if (this.#isAhead[row]! > 0) this.#put(row);
  }

  *parts(): IterableIterator<Uint8Array> {
    for (let row = 0; row < this.#isAhead.length; row += 1) {
      if (this.#isAhead[row] !== 0) this.#put(row);
      if (this.#complete.length > 0) yield* this.#takeComplete();
    }
    yield* this.#takeComplete();
    if (!this.#writer.isEmpty) yield this.#writer.take();
  }

  #put(row: number): void {
    this.#writer.beginRow();
    this.#write(row, this.#writer);
    this.#isAhead[row] = 0;
    if (this.#writer.bytes >= PART_BYTES) this.#complete.push(this.#writer.take());
  }

  *#takeComplete(): IterableIterator<Uint8Array> {
    for (let part = this.#complete.shift(); part !== undefined; part = this.#complete.shift()) yield part;
  }
}

/** The readings of one table that are under way: mostly none. */
export class RowReadings {
  #underWay: readonly RowReading[] = [];

  beforeChange(row: number): void {
    for (const reading of this.#underWay) reading.beforeChange(row);
  }

  /** The parts of a reading, which is under way until the last of them is taken, or no more is. */
  parts(reading: RowReading): IterableIterator<Uint8Array> {
    this.#underWay = [...this.#underWay, reading];
    return this.#follow(reading);
  }

  *#follow(reading: RowReading): IterableIterator<Uint8Array> {
    try {
      yield* reading.parts();
    } finally {
      this.#underWay = this.#underWay.filter((other) => other !== reading);
    }
  }
}
