import type { DatabaseSync } from 'node:sqlite';
import { transact } from './database.js';
import { LEDGER_LABELS, type LedgerLabel } from './row.js';

/** What was found to be wrong with what was booked: an amount to be added, which may be below 0. */
export interface Correction {
  /** Start of the hour, day or month that is corrected, milliseconds since the epoch. */
  readonly startMs: number;
  /** Labels that are absent are empty: a correction by model and day names nothing else. */
  readonly labels: Readonly<Partial<Record<LedgerLabel, string>>>;
  readonly listPicoUsd: bigint;
  readonly costPicoUsd: bigint;
}

/** The corrections of one run, and why they were made: the trail of an audit. */
export interface CorrectionRun {
  /** Its name: the same run a second time replaces the first. */
  readonly run: string;
  readonly madeAtMs: number;
  readonly reason: string;
  readonly corrections: readonly Correction[];
}

const PICO_PER_MICRO = 1_000_000n;

/**
 * Writes a run of corrections, all or none of them, while a processor writes the ledger or not. What was booked stays
 * as it was booked; reports show both. `database` is one of `openLedgerToWrite`.
 */
export function writeCorrections(database: DatabaseSync, run: CorrectionRun): void {
  const names = LEDGER_LABELS.join(', ');
  const marks = LEDGER_LABELS.map(() => '?').join(', ');
  const addLabels = database.prepare(
    `INSERT INTO labels (${names}) VALUES (${marks}) ON CONFLICT DO NOTHING`,
  );
  const conditions = LEDGER_LABELS.map((name) => `${name} = ?`).join(' AND ');
  const add = database.prepare(
    `INSERT INTO correction (run, made_at, reason, start, list_micro_usd, list_rest_pico_usd, cost_micro_usd,
      cost_rest_pico_usd, labels) SELECT ?, ?, ?, ?, ?, ?, ?, ?, id FROM labels WHERE ${conditions}`,
  );
  const { run: name, madeAtMs, reason, corrections } = run;
  transact(database, () => {
    database.prepare('DELETE FROM correction WHERE run = ?').run(name);
    for (const { startMs, labels, listPicoUsd, costPicoUsd } of corrections) {
      const values = LEDGER_LABELS.map((label) => labels[label] ?? '');
      addLabels.run(...values);
      const money = [listPicoUsd, costPicoUsd].flatMap((amount) => [
        amount / PICO_PER_MICRO,
        amount % PICO_PER_MICRO,
      ]);
      const [start, madeAt] = [Math.floor(startMs / 1000), Math.floor(madeAtMs / 1000)];
      add.run(name, madeAt, reason, start, ...money, ...values);
    }
  });
}

/** One run of corrections, as the trail of an audit shows it. */
export interface CorrectionRunSummary {
  readonly run: string;
  readonly madeAtMs: number;
  readonly reason: string;
  readonly corrections: number;
  readonly costPicoUsd: bigint;
}

/** All runs, the newest last. */
export function listCorrectionRuns(database: DatabaseSync): CorrectionRunSummary[] {
  const statement = database.prepare(
    `SELECT run, made_at, reason, COUNT(*) AS corrections, SUM(cost_micro_usd) AS micro_usd,
      SUM(cost_rest_pico_usd) AS rest_pico_usd FROM correction GROUP BY run ORDER BY made_at, run`,
  );
  statement.setReadBigInts(true);
  return statement.all().map((row) => ({
    run: String(row.run),
    madeAtMs: Number(row.made_at) * 1000,
    reason: String(row.reason),
    corrections: Number(row.corrections),
    costPicoUsd: toBigInt(row.micro_usd) * PICO_PER_MICRO + toBigInt(row.rest_pico_usd),
  }));
}

const toBigInt = (value: unknown): bigint => (typeof value === 'bigint' ? value : 0n);
