import type { CallResult } from '../provider.js';

/** A call that waits for its final response. */
export interface PendingCall {
  /** The final response has come. */
  finish(result: CallResult): void;
  /** It will not be seen any more. */
  giveUp(): void;
}

/** Background responses that are waited for; beyond it the oldest ends without usage. */
const MAX_PENDING = 10_000;

/**
 * Calls whose response is only a promise of one (`background: true`). The call stays open until a retrieval in this
 * process brings the final response, which it then settles with; every further retrieval finds nothing, so the same
 * usage is never counted twice.
 */
export class PendingResponses {
  readonly #calls = new Map<string, PendingCall>();

  /** Keeps a call for the response it was promised. */
  hold(responseId: string, call: PendingCall): void {
    this.#calls.set(responseId, call);
    if (this.#calls.size <= MAX_PENDING) return;
    const oldest = this.#calls.entries().next().value;
    if (oldest === undefined) return;
    this.#calls.delete(oldest[0]);
    oldest[1].giveUp();
  }

  /** The call that waits for this response, once. */
  take(responseId: string | undefined): PendingCall | undefined {
    if (responseId === undefined) return undefined;
    const call = this.#calls.get(responseId);
    this.#calls.delete(responseId);
    return call;
  }
}
