/** A sum of pico-USD as USD for a metric. A double keeps 1e-10 USD at a million dollars; sums themselves stay integers. */
export const sumToUsd = (picoUsd: number | bigint): number => Number(picoUsd) / 1e12;

/**
 * A sum of money, whole pico-USD, exact at any size. Each bigint is an object of its own, and there are a dozen sums for
 * each call: what a number still holds exactly is summed up in one, and carried when it holds no more.
 */
export class MoneySum {
  #carried: bigint;
  #rest = 0;

  constructor(picoUsd = 0n) {
    this.#carried = picoUsd;
  }

  get value(): bigint {
    return this.#carried + BigInt(this.#rest);
  }

  /** A number has to be whole: of another one this throws a RangeError. */
  add(picoUsd: number | bigint): void {
    if (typeof picoUsd === 'number') {
      const rest = this.#rest + picoUsd;
      // What is no safe integer was rounded, or may have been; both that were added are exact.
      if (Number.isSafeInteger(rest)) this.#rest = rest;
      else this.#carry(BigInt(picoUsd));
    } else this.#carry(picoUsd);
  }

  #carry(picoUsd: bigint): void {
    this.#carried += BigInt(this.#rest) + picoUsd;
    this.#rest = 0;
  }
}
