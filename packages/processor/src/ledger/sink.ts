import type { Snapshot } from '@costspan/aggregate';
import type { Posting } from './row.js';

/** How long each grain is kept before it is rolled up into the next, or forgotten. */
export interface LedgerRetention {
  readonly hoursMs: number;
  readonly daysMs: number;
  readonly monthsMs: number;
}

export interface WriteOptions {
  /** The log up to the position is about to be dropped. */
  readonly mustLast: boolean;
}

/** Where a ledger is written to. */
export interface LedgerSink {
  /** Position of the log up to which it holds everything; undefined in one that is new. */
  readonly position: number | undefined;
  /** How long postings are gathered before they are written; as soon as may be when absent. */
  readonly writeEveryMs?: number;
  /**
   * Adds postings, all of the log up to the position, and the position: either both or neither. Where they need not last,
   * a loss of power may take them back, and the log makes them again.
   */
  write(postings: Iterable<Posting>, position: number, options: WriteOptions): void;
  rollUp(nowMs: number, retention: LedgerRetention): void;
  readAudit(): Snapshot[];
  close(): void;
}
