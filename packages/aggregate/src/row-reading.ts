/**
 * Reads the rows of a table as they stand at one moment, bit by bit, while they go on changing: who changes a row says
 * so before, and then it is read first. What comes later is no part of it.
 */
export class RowReading<Value> {
  readonly #rows: Int32Array;
  readonly #read: (row: number) => Value;
  /** By row: it has not been read. */
  readonly #isAhead: Uint8Array;
  /** What was read before its turn. */
  readonly #early = new Map<number, Value>();

  /** `rows`: those that there are, in the order in which they are wanted. */
  constructor(rows: Int32Array, options: { capacity: number; read: (row: number) => Value }) {
    this.#rows = rows;
    this.#read = options.read;
    this.#isAhead = new Uint8Array(options.capacity);
    for (const row of rows) this.#isAhead[row] = 1;
  }

  /** To be called before a row changes or is given to something else. */
  beforeChange(row: number): void {
    if (this.#isAhead[row] !== 1) return;
    this.#isAhead[row] = 0;
    this.#early.set(row, this.#read(row));
  }

  *values(): IterableIterator<Value> {
    for (const row of this.#rows) {
      const early = this.#early.get(row);
      if (early === undefined) {
        this.#isAhead[row] = 0;
        yield this.#read(row);
      } else {
        this.#early.delete(row);
        yield early;
      }
    }
  }
}

/** The readings of one table that are under way: mostly none. */
export class RowReadings<Value> {
  #underWay: readonly RowReading<Value>[] = [];

  beforeChange(row: number): void {
    for (const reading of this.#underWay) reading.beforeChange(row);
  }

  /** What the reading holds; it ends with the last value. */
  values(reading: RowReading<Value>): IterableIterator<Value> {
    this.#underWay = [...this.#underWay, reading];
    return this.#follow(reading);
  }

  *#follow(reading: RowReading<Value>): IterableIterator<Value> {
    yield* reading.values();
    this.#underWay = this.#underWay.filter((other) => other !== reading);
  }
}
