/** A sum of pico-USD as USD for a metric. A double keeps 1e-10 USD at a million dollars; sums themselves stay integers. */
export const sumToUsd = (picoUsd: number | bigint): number =>
  (typeof picoUsd === 'number' ? picoUsd : Number(picoUsd)) / 1e12;

/** Whole numbers added exactly: a number as long as one holds the sum, for each bigint is an object of its own. */
export function addExactly(a: number | bigint, b: number | bigint): number | bigint {
  const [left, right] = [Number(a), Number(b)];
  const sum = left + right;
  // What is no safe integer was rounded, or may have been.
  const isExact = Number.isSafeInteger(left) && Number.isSafeInteger(right) && Number.isSafeInteger(sum);
  return isExact ? sum : BigInt(a) + BigInt(b);
}

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

  /** The same, as a number where one holds it. */
  get exact(): number | bigint {
    return this.#carried === 0n ? this.#rest : this.value;
  }

  /** A number has to be whole: of another one this throws a RangeError. */
  add(picoUsd: number | bigint): void {
    const amount = typeof picoUsd === 'number' ? picoUsd : Number(picoUsd);
    const rest = this.#rest + amount;
    // What is no safe integer was rounded, or may have been; both that were added are exact.
    if (Number.isSafeInteger(rest) && Number.isSafeInteger(amount)) this.#rest = rest;
    else this.#carry(BigInt(picoUsd));
  }

  #carry(picoUsd: bigint): void {
    this.#carried += BigInt(this.#rest) + picoUsd;
    this.#rest = 0;
  }
}
