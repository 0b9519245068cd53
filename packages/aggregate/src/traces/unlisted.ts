import { lengthen, moreThan, NONE } from '../rows/columns.js';
import type { Family } from './alike-lists.js';
import { type Usage, UsageKeys } from './report.js';
import type { SightingTable } from './sightings.js';

const FIRST_CAPACITY = 1_024;

/**
 * Counted calls that stand in no list of usages yet. Only a layer is looked for there, or looks there: where none reports,
 * to put each call into those lists and take it out again would be most of what it takes to remember it. In columns by
 * the row of the call.
 */
export class UnlistedCalls {
  size = 0;
  readonly #table: SightingTable;
  readonly #limit: number;
  #oldest = NONE;
  #newest = NONE;
  #nexts = new Int32Array(FIRST_CAPACITY);
  #inputs = new Float64Array(FIRST_CAPACITY);
  #outputs = new Float64Array(FIRST_CAPACITY);
  #isLayered = new Uint8Array(FIRST_CAPACITY);
  #services: string[] = [];
  #families: Family[] = [];

  /** `table`: where the calls are kept; `limit`: of those that stand here, the oldest go. */
  constructor(table: SightingTable, limit: number) {
    this.#table = table;
    this.#limit = limit;
  }

  /** The call in this row, which is the newest. */
  add(row: number, { service, family, tokens, isLayered }: Usage): void {
    if (row >= this.#nexts.length) this.#lengthen(moreThan(row + 1));
    this.#services[row] = service;
    this.#families[row] = family;
    this.#inputs[row] = tokens.input;
    this.#outputs[row] = tokens.output;
    this.#isLayered[row] = isLayered ? 1 : 0;
    this.#nexts[row] = NONE;
    if (this.#newest === NONE) this.#oldest = row;
    else this.#nexts[this.#newest] = row;
    this.#newest = row;
    this.size += 1;
    this.#table.enlist(row);
    if (this.size > this.#limit) this.#shift();
  }

  /** Takes them out, oldest first, each with the keys of the lists that it belongs to. */
  takeAll(list: (row: number, keys: UsageKeys) => void): void {
    const keys = new UsageKeys();
    while (this.#oldest !== NONE) {
      list(this.#oldest, keys.set(this.#read(this.#oldest)));
      this.#shift();
    }
  }

  #read(row: number): Usage {
    return {
      service: this.#services[row]!,
      family: this.#families[row]!,
      tokens: { input: this.#inputs[row]!, output: this.#outputs[row]! },
      isLayered: this.#isLayered[row] === 1,
    };
  }

  #shift(): void {
    const row = this.#oldest;
    this.#oldest = this.#nexts[row]!;
    if (this.#oldest === NONE) this.#newest = NONE;
    this.size -= 1;
    this.#table.delist(row);
  }

  #lengthen(to: number): void {
    this.#nexts = lengthen(this.#nexts, to);
    this.#inputs = lengthen(this.#inputs, to);
    this.#outputs = lengthen(this.#outputs, to);
    this.#isLayered = lengthen(this.#isLayered, to);
  }
}
