/** What stands in the list, and knows its neighbours in it. */
export interface Open {
  older: Open | undefined;
  newer: Open | undefined;
  /** Its end will not be seen any more: leaves the list. */
  giveUp(): void;
}

/**
 * Calls whose end nobody has seen yet, in the order of their beginning. No `Set`: with each call that ends, V8 makes a
 * new table of it and lets the old one hold the new one, so that one table that has outlived a small collection takes
 * all that come after it along, and the calls that were open meanwhile.
 */
export class OpenCalls {
  readonly #limit: number;
  #oldest: Open | undefined;
  #newest: Open | undefined;
  #count = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Beyond the limit the oldest is given up. */
  add(call: Open): void {
    call.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = call;
    else this.#newest.newer = call;
    this.#newest = call;
    this.#count += 1;
    if (this.#count > this.#limit) this.#oldest?.giveUp();
  }

  /** Once for each that was added. */
  remove(call: Open): void {
    const { older, newer } = call;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    call.older = undefined;
    call.newer = undefined;
    this.#count -= 1;
  }

  /** Gives all of them up, the oldest first. */
  giveUp(): void {
    while (this.#oldest !== undefined) this.#oldest.giveUp();
  }
}
