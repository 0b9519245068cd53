import { lengthen, moreThan } from '@costspan/aggregate';

const FIRST_CAPACITY = 1_024;

/**
 * When each span of a queue was seen: what came with one request was seen at one time, which is kept once. A ring of
 * runs, the oldest first.
 */
export class SeenTimes {
  #ms = new Float64Array(FIRST_CAPACITY);
  #counts = new Uint32Array(FIRST_CAPACITY);
  #first = 0;
  #runs = 0;

  /** Of the oldest span; there must be one. */
  get oldestMs(): number {
    return this.#ms[this.#first]!;
  }

  push(ms: number): void {
    const last = (this.#first + this.#runs - 1 + this.#ms.length) % this.#ms.length;
    if (this.#runs > 0 && this.#ms[last] === ms) {
      this.#counts[last]! += 1;
      return;
    }
    if (this.#runs === this.#ms.length) this.#grow();
    const place = (this.#first + this.#runs) % this.#ms.length;
    this.#ms[place] = ms;
    this.#counts[place] = 1;
    this.#runs += 1;
  }

  /** The oldest span is in the queue no more. */
  shift(): void {
    this.#counts[this.#first]! -= 1;
    if (this.#counts[this.#first]! > 0) return;
    this.#first = (this.#first + 1) % this.#ms.length;
    this.#runs -= 1;
  }

  /** The clock was set by so much. */
  shiftClock(byMs: number): void {
    for (let place = 0; place < this.#ms.length; place += 1) this.#ms[place]! += byMs;
  }

  /** As they are now, whatever changes. */
  copy(): SeenTimes {
    const copy = new SeenTimes();
    copy.#ms = this.#ms.slice();
    copy.#counts = this.#counts.slice();
    copy.#first = this.#first;
    copy.#runs = this.#runs;
    return copy;
  }

  /** So that the first run stands in the first place. */
  #grow(): void {
    const capacity = moreThan(this.#ms.length);
    const turn = <C extends Float64Array | Uint32Array>(column: C): C => {
      const longer = lengthen(column, capacity);
      longer.set(column.subarray(this.#first));
      longer.set(column.subarray(0, this.#first), column.length - this.#first);
      return longer;
    };
    this.#ms = turn(this.#ms);
    this.#counts = turn(this.#counts);
    this.#first = 0;
  }
}
