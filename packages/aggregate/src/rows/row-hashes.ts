import { lengthen, moreThan } from './columns.js';
import { HashedCells } from './hashed-cells.js';

const FIRST_CAPACITY = 64;
/** Nobody outside can choose keys that all fall into one place. It changes no order and no result. */
const SEED = Math.floor(Math.random() * 2 ** 31);

/**
 * Rows of a table, to be found by the hash of what their owner keeps in them: a `Map` takes four times the memory, and
 * where entries come and go it is made anew whenever as many were forgotten as it holds. All of it is numbers, which no
 * collector of garbage looks at.
 */
export class RowHashes extends HashedCells {
  /** By row. */
  #hashes = new Int32Array(FIRST_CAPACITY);
  #size = 0;

  constructor() {
    super();
    this.clear(FIRST_CAPACITY);
  }

  get size(): number {
    return this.#size;
  }

  /** The row is found by this hash from now on. */
  add(row: number, hash: number): void {
    if (row >= this.#hashes.length) this.#hashes = lengthen(this.#hashes, moreThan(row));
    this.#hashes[row] = hash;
    this.#size += 1;
    while (this.#size > this.room || row >= this.room) this.grow();
    this.place(row, hash);
  }

  remove(row: number): void {
    this.displace(row);
    this.#size -= 1;
  }

  protected override hashOf(row: number): number {
    return this.#hashes[row]!;
  }
}

/** A text's hash: FNV-1a with a seed, and the finalizer of MurmurHash3. */
export function hashText(text: string, before = 0): number {
  let hash = SEED ^ before;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hashNumber(hash, 0);
}

/** A number of 32 bits in which each bit of both matters. */
export function hashNumber(number: number, before: number): number {
  let hash = Math.imul(SEED ^ before, 0x9e3779b1) ^ number;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
