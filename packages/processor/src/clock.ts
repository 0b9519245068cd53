/** A step of the clock is one of at least this; what the network's time service corrects is less. */
const MIN_STEP_MS = 2_000;

/** Tells when the clock of the machine was set, by a second one that nobody sets. */
export class ClockWatch {
  readonly #wall: () => number;
  readonly #steady: () => number;
  #aheadMs: number;

  constructor(wall: () => number, steady: () => number) {
    this.#wall = wall;
    this.#steady = steady;
    this.#aheadMs = wall() - steady();
  }

  /** By how much the clock was set since the last call, ahead when above 0; 0 when it was not. */
  readStepMs(): number {
    const aheadMs = this.#wall() - this.#steady();
    const stepMs = Math.round(aheadMs - this.#aheadMs);
    if (Math.abs(stepMs) < MIN_STEP_MS) return 0;
    this.#aheadMs = aheadMs;
    return stepMs;
  }
}
