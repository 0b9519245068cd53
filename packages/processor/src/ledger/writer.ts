import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Snapshot } from '@costspan/aggregate';
import { readAuditMetrics } from './audit.js';
import { transact } from './database.js';
import { LEDGER_AMOUNTS, LEDGER_LABELS, type LedgerLabels, type Posting } from './row.js';
import type { LedgerRetention, LedgerSink, WriteOptions } from './sink.js';

/** Ids of label sets that are remembered. */
const MAX_REMEMBERED_IDS = 100_000;
const POSITION = 'position';

const add = (table: string): string =>
  LEDGER_AMOUNTS.map((name) => `${name} = ${table}.${name} + excluded.${name}`).join(', ');
const sums = LEDGER_AMOUNTS.map((name) => `SUM(${name})`).join(', ');
const INSERT_COST = `INSERT INTO cost (start, grain, labels, ${LEDGER_AMOUNTS.join(', ')})`;
const ADD_COST = `ON CONFLICT (start, grain, labels) DO UPDATE SET ${add('cost')}`;

/** Writes the ledger. One at a time, in the process that has the directory. */
export class LedgerWriter implements LedgerSink {
  readonly #database: DatabaseSync;
  readonly #ids = new Map<string, number>();
  readonly #insertLabels: StatementSync;
  readonly #findLabels: StatementSync;
  readonly #addCost: StatementSync;
  readonly #setMeta: StatementSync;

  constructor(database: DatabaseSync) {
    this.#database = database;
    const names = LEDGER_LABELS.join(', ');
    const marks = LEDGER_LABELS.map(() => '?').join(', ');
    this.#insertLabels = database.prepare(
      `INSERT INTO labels (${names}) VALUES (${marks}) ON CONFLICT DO NOTHING`,
    );
    this.#findLabels = database.prepare(
      `SELECT id FROM labels WHERE ${LEDGER_LABELS.map((name) => `${name} = ?`).join(' AND ')}`,
    );
    const amounts = LEDGER_AMOUNTS.map(() => '?').join(', ');
    this.#addCost = database.prepare(`${INSERT_COST} VALUES (?, 'hour', ?, ${amounts}) ${ADD_COST}`);
    this.#setMeta = database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)');
  }

  /** Position of the log up to which everything is in the ledger; undefined in one that is new. */
  get position(): number | undefined {
    const row = this.#database.prepare('SELECT value FROM meta WHERE key = ?').get(POSITION);
    return row === undefined ? undefined : Number(row.value);
  }

  /** Adds postings, all of the log up to the position, and the position: either both or neither. */
  write(postings: Iterable<Posting>, position: number, { mustLast }: WriteOptions): void {
    // FULL: all up to here is durable when it returns, for which the whole process waits. NORMAL: in order, and soon.
    this.#database.exec(`PRAGMA synchronous = ${mustLast ? 'FULL' : 'NORMAL'}`);
    this.#transact(() => {
      for (const { hourMs, labels, amounts } of postings) {
        if (amounts.every((amount) => amount === 0)) continue;
        this.#addCost.run(hourMs / 1000, this.#idOf(labels), ...amounts);
      }
      this.#setMeta.run(POSITION, String(position));
    });
  }

  /** Rolls up what is old enough: hours into days, days into months; months too old are forgotten. */
  rollUp(nowMs: number, { hoursMs, daysMs, monthsMs }: LedgerRetention): void {
    const day = "unixepoch(start, 'unixepoch', 'start of day')";
    const month = "unixepoch(start, 'unixepoch', 'start of month')";
    this.#transact(() => {
      this.#merge({ from: 'hour', to: 'day', start: day, before: startOfDay(nowMs - hoursMs) });
      this.#merge({ from: 'day', to: 'month', start: month, before: startOfMonth(nowMs - daysMs) });
      const oldest = startOfMonth(nowMs - monthsMs);
      this.#database.prepare("DELETE FROM cost WHERE grain = 'month' AND start < ?").run(oldest);
      this.#database.prepare('DELETE FROM correction WHERE start < ?').run(oldest);
    });
  }

  /** What was found out about the ledger since it was written. */
  readAudit(): Snapshot[] {
    return readAuditMetrics(this.#database);
  }

  close(): void {
    this.#database.close();
  }

  #merge({ from, to, start, before }: { from: string; to: string; start: string; before: number }): void {
    this.#database
      .prepare(
        `${INSERT_COST} SELECT ${start}, ?, labels, ${sums} FROM cost WHERE grain = ? AND start < ? GROUP BY 1, 3 ${ADD_COST}`,
      )
      .run(to, from, before);
    this.#database.prepare('DELETE FROM cost WHERE grain = ? AND start < ?').run(from, before);
  }

  #idOf(labels: LedgerLabels): number {
    const key = labels.join('\u0000');
    const known = this.#ids.get(key);
    if (known !== undefined) return known;
    this.#insertLabels.run(...labels);
    const id = Number(this.#findLabels.get(...labels)?.id);
    if (this.#ids.size >= MAX_REMEMBERED_IDS) this.#ids.clear();
    this.#ids.set(key, id);
    return id;
  }

  #transact(work: () => void): void {
    try {
      transact(this.#database, work);
    } catch (error) {
      // Ids of label sets that were made in it are none.
      this.#ids.clear();
      throw error;
    }
  }
}

const startOfDay = (atMs: number): number => Math.floor(atMs / 86_400_000) * 86_400;

function startOfMonth(atMs: number): number {
  const date = new Date(atMs);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth()) / 1000;
}
