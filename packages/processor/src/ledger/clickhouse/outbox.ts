import { randomUUID } from 'node:crypto';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { readSingle, type Snapshot } from '@costspan/aggregate';
import { PROCESSOR_METRIC } from '@costspan/semconv';
import { openFile, transact } from '../database.js';
import { joinPicoUsd, LEDGER_AMOUNTS, LEDGER_LABELS, type Posting } from '../row.js';
import type { LedgerSink } from '../sink.js';

const OUTBOX_FILE = 'outbox.db';
const SCHEMA = `
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS batch (id INTEGER PRIMARY KEY AUTOINCREMENT, lines TEXT NOT NULL) STRICT;
`;
/** A whole batch is one insert; ClickHouse likes them seldom. */
const WRITE_EVERY_MS = 10_000;

/** Entries that ClickHouse is given as one, under one name. */
export interface Batch {
  readonly id: number;
  /** One JSON object a line. */
  readonly lines: string;
}

/**
 * What goes to ClickHouse in place of a ledger of our own: batches that are never changed again, written in the same
 * transaction as the position in the log up to which they go. They wait here until ClickHouse has them, so that each is
 * sent as it was as often as it takes, and counts once: by its processor and its number.
 */
export class Outbox implements LedgerSink {
  readonly writeEveryMs = WRITE_EVERY_MS;
  readonly #database: DatabaseSync;
  readonly #processor: string;

  constructor(directory: string) {
    const path = join(directory, OUTBOX_FILE);
    if (!existsSync(path)) writeFileSync(path, '', { mode: 0o600 });
    chmodSync(path, 0o600);
    this.#database = openFile(path, () => openOutbox(path));
    this.#processor = this.#readMeta('processor') ?? randomUUID();
    this.#writeMeta('processor', this.#processor);
  }

  get position(): number | undefined {
    const text = this.#readMeta('position');
    return text === undefined ? undefined : Number(text);
  }

  /** Batches that wait. */
  get waiting(): number {
    return Number(this.#database.prepare('SELECT COUNT(*) AS count FROM batch').get()?.count);
  }

  write(postings: Iterable<Posting>, position: number): void {
    const entries = [...postings].filter(({ amounts }) => amounts.some((amount) => amount !== 0));
    transact(this.#database, () => {
      if (entries.length > 0) {
        const { lastInsertRowid } = this.#database.prepare("INSERT INTO batch (lines) VALUES ('')").run();
        const lines = entries.map((entry, line) => this.#renderEntry(entry, Number(lastInsertRowid), line));
        this.#database
          .prepare('UPDATE batch SET lines = ? WHERE id = ?')
          .run(lines.join(''), lastInsertRowid);
      }
      this.#writeMeta('position', String(position));
    });
  }

  /** The oldest that waits. */
  first(): Batch | undefined {
    const row = this.#database.prepare('SELECT id, lines FROM batch ORDER BY id LIMIT 1').get();
    return row === undefined ? undefined : { id: Number(row.id), lines: String(row.lines) };
  }

  /** ClickHouse has it. */
  remove({ id }: Batch): void {
    this.#database.prepare('DELETE FROM batch WHERE id = ?').run(id);
  }

  /** One name for a batch, however often it is sent. */
  nameOf({ id }: Batch): string {
    return `${this.#processor}-${id}`;
  }

  rollUp(): void {
    // ClickHouse rolls up by itself.
  }

  readAudit(): Snapshot[] {
    return [readSingle(PROCESSOR_METRIC.LEDGER_WAITING, this.waiting)];
  }

  /** The ledger is whole; what waits is still to be sent. */
  close(): void {}

  /** Nothing more is written or sent. */
  end(): void {
    this.#database.close();
  }

  #renderEntry({ hourMs, labels, amounts }: Posting, batch: number, line: number): string {
    const amount = (name: (typeof LEDGER_AMOUNTS)[number]): number =>
      amounts[LEDGER_AMOUNTS.indexOf(name)] ?? 0;
    const picoUsd = (kind: 'list' | 'cost'): string =>
      String(joinPicoUsd(BigInt(amount(`${kind}_micro_usd`)), BigInt(amount(`${kind}_rest_pico_usd`))));
    const counts = LEDGER_AMOUNTS.filter((name) => !name.endsWith('_usd')).map((name) => [
      name,
      amount(name),
    ]);
    const entry = {
      processor: this.#processor,
      batch,
      line,
      hour: hourMs / 1000,
      ...Object.fromEntries(LEDGER_LABELS.map((label, index) => [label, labels[index]])),
      ...Object.fromEntries(counts),
      list_pico_usd: picoUsd('list'),
      cost_pico_usd: picoUsd('cost'),
    };
    return `${JSON.stringify(entry)}\n`;
  }

  #readMeta(key: string): string | undefined {
    const row = this.#database.prepare('SELECT value FROM meta WHERE key = ?').get(key);
    return row === undefined ? undefined : String(row.value);
  }

  #writeMeta(key: string, value: string): void {
    this.#database.prepare('INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)').run(key, value);
  }
}

function openOutbox(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${SCHEMA}`);
  return database;
}
