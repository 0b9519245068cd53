import type { Snapshot } from '@costspan/aggregate';
import { LedgerBook } from './book.js';
import { LedgerError, openLedgerToWrite } from './database.js';
import type { LedgerRetention, LedgerSink, WriteOptions } from './sink.js';
import { LedgerWriter } from './writer.js';

/** How often hours are rolled up into days, and days into months. */
const ROLL_UP_EVERY_MS = 3_600_000;

/** The ledger of a data directory: what the state tells its book is written here, exactly once. */
export class Ledger {
  readonly book = new LedgerBook();
  retention: LedgerRetention;
  readonly #writer: LedgerSink;
  #writtenAtMs = Number.NEGATIVE_INFINITY;
  #rolledUpAtMs = Number.NEGATIVE_INFINITY;

  static open(directory: string, retention: LedgerRetention): Ledger {
    return new Ledger(new LedgerWriter(openLedgerToWrite(directory)), retention);
  }

  constructor(writer: LedgerSink, retention: LedgerRetention) {
    this.#writer = writer;
    this.retention = retention;
  }

  /** The state is as it was kept at the position, and the log is about to be applied. */
  begin(position: number): void {
    const written = this.#writer.position;
    if (written === undefined) this.book.postAll();
    else if (written < position)
      throw createMismatch(`it ends at ${written}, before the kept state at ${position}`);
  }

  /** The log was applied up to the position: what the ledger has of it already is not written again. */
  noteApplied(position: number): void {
    const written = this.#writer.position ?? -1;
    if (position <= written) this.book.clearPending();
  }

  /** The log ends at the position. */
  finish(position: number): void {
    const written = this.#writer.position ?? -1;
    if (written > position) throw createMismatch(`it ends at ${written}, after the log at ${position}`);
  }

  /** Whether anything waits, and has been gathered for long enough. */
  isDue(nowMs: number): boolean {
    const { writeEveryMs = 0 } = this.#writer;
    if (this.book.pendingCount === 0 || Math.abs(nowMs - this.#writtenAtMs) < writeEveryMs) return false;
    this.#writtenAtMs = nowMs;
    return true;
  }

  /** Writes what is pending; the state must be that of the position, applied whole. */
  flush(position: number, options: WriteOptions): void {
    this.#writer.write(this.book.pending(), position, options);
    this.book.clearPending();
  }

  /** Rolls up what has become old, about once an hour. */
  rollUp(nowMs: number): void {
    if (Math.abs(nowMs - this.#rolledUpAtMs) < ROLL_UP_EVERY_MS) return;
    this.#rolledUpAtMs = nowMs;
    this.#writer.rollUp(nowMs, this.retention);
  }

  /** Drift and corrections, for the metrics. */
  readAudit(): Snapshot[] {
    return this.#writer.readAudit();
  }

  close(): void {
    this.#writer.close();
  }
}

const createMismatch = (message: string): LedgerError =>
  new LedgerError({
    code: 'COSTSPAN_LEDGER_MISMATCH',
    message: `the ledger does not belong to the log beside it: ${message}`,
    fix: 'restore the whole directory from one backup, or move ledger.db away: a new one begins with what is open',
  });
