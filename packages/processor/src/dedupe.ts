import { BoundedMap } from '@costspan/aggregate';

/** How many spans are remembered, and for how long. */
export interface DedupeOptions {
  readonly maxSpans: number;
  readonly windowMs: number;
}

/**
 * Recognises what an exporter sends again because our answer got lost. Within the window, and as long as no more
 * than `maxSpans` came in between, a span counts once.
 */
export class Dedupe {
  readonly #options: DedupeOptions;
  /** When each span was first seen; insertion order is age. */
  readonly #seenMs: BoundedMap<number>;

  constructor(options: DedupeOptions) {
    this.#options = options;
    this.#seenMs = new BoundedMap(options.maxSpans);
  }

  /** True the first time. */
  admit(traceId: string, spanId: string, nowMs: number): boolean {
    const key = traceId + spanId;
    const seenMs = this.#seenMs.get(key);
    if (seenMs !== undefined && nowMs - seenMs <= this.#options.windowMs) return false;
    this.#seenMs.set(key, nowMs);
    this.#seenMs.forgetWhile((oldestMs) => nowMs - oldestMs > this.#options.windowMs);
    return true;
  }
}
