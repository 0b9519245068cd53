import { NONE } from './columns.js';
import { hashText, RowHashes } from './row-hashes.js';

/** The text that was looked at last, by whatever index: a span's task is mostly looked for several times at once. */
let lastText = '';
let lastHash = hashText('');

function hashOf(text: string): number {
  if (text !== lastText) {
    lastHash = hashText(text);
    lastText = text;
  }
  return lastHash;
}

/** The rows of a table by a text that its owner keeps in each, some 14 bytes a row: a `Map` takes 60 and more. */
export class TextIndex {
  readonly #texts: readonly string[];
  readonly #hashes = new RowHashes();

  /** `texts`: by row. That of a row which is found by it must not change. */
  constructor(texts: readonly string[]) {
    this.#texts = texts;
  }

  get size(): number {
    return this.#hashes.size;
  }

  /** The row with this text; {@link NONE} where there is none. */
  find(text: string): number {
    const hashes = this.#hashes;
    const hash = hashOf(text);
    let row = hashes.first(hash);
    while (row !== NONE && this.#texts[row] !== text) row = hashes.next(hash);
    return row;
  }

  /** The row is found by its text from now on. */
  add(row: number): void {
    this.#hashes.add(row, hashOf(this.#texts[row]!));
  }

  /** It is found no more. */
  remove(row: number): void {
    this.#hashes.remove(row);
  }
}
