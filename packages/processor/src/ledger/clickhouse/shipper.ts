import type { ClickHouse } from './clickhouse.js';
import type { Outbox } from './outbox.js';

const SHIP_EVERY_MS = 1_000;

/** Brings what waits in the outbox to ClickHouse, in its order, each batch until it is there. */
export class Shipper {
  readonly #outbox: Outbox;
  readonly #clickHouse: ClickHouse;
  readonly #onHealth: (failure: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #shipping: Promise<void> | undefined;
  #isFailing = false;

  /** `onHealth`: told of a failure, once, and with undefined of its end. */
  constructor(outbox: Outbox, clickHouse: ClickHouse, onHealth: (failure: unknown) => void) {
    this.#outbox = outbox;
    this.#clickHouse = clickHouse;
    this.#onHealth = onHealth;
  }

  start(): void {
    this.#timer = setInterval(() => void this.ship(), SHIP_EVERY_MS);
  }

  /** Resolves when nothing waits, or ClickHouse takes nothing. */
  ship(): Promise<void> {
    this.#shipping ??= this.#shipAll().finally(() => {
      this.#shipping = undefined;
    });
    return this.#shipping;
  }

  /** What does not get through now waits for the next start. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#shipping;
    // An end is not held up by a ClickHouse that is not there.
    if (!this.#isFailing) await this.ship();
    this.#outbox.end();
  }

  async #shipAll(): Promise<void> {
    try {
      for (let batch = this.#outbox.first(); batch !== undefined; batch = this.#outbox.first()) {
        await this.#clickHouse.insert(batch, this.#outbox.nameOf(batch));
        this.#outbox.remove(batch);
        this.#note(undefined);
      }
    } catch (error) {
      this.#note(error);
    }
  }

  #note(failure: unknown): void {
    const isNews = (failure !== undefined) !== this.#isFailing;
    this.#isFailing = failure !== undefined;
    if (isNews) this.#onHealth(failure);
  }
}
