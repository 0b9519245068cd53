import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { joinPicoUsd, LEDGER_AMOUNTS, LEDGER_LABELS, type LedgerCount, type LedgerLabel } from './row.js';

/** Periods that rows can be told apart by, as their start in UTC: `2026-10-05T14:00Z`, `2026-10-05`, `2026-10`. */
const LEDGER_PERIODS = ['hour', 'day', 'month'] as const;
export type LedgerPeriod = (typeof LEDGER_PERIODS)[number];
/** What a report can be by. */
export type LedgerDimension = LedgerLabel | LedgerPeriod;
/** What a report can be made by, in the order in which errors list them. */
export const LEDGER_DIMENSIONS: readonly LedgerDimension[] = [...LEDGER_PERIODS, ...LEDGER_LABELS];

/** A question to the ledger: of which time, and summed up by what. */
export interface LedgerQuery {
  /** Milliseconds since the epoch; what was rolled up counts at the start of its day or month. */
  readonly fromMs: number;
  /** Not included. */
  readonly toMs: number;
  readonly by: readonly LedgerDimension[];
  /** Only rows with these values. */
  readonly where?: Readonly<Partial<Record<LedgerLabel, string>>>;
}

/** One row of a report. Money in pico-USD. */
export interface LedgerRow {
  /** In the order of the query's `by`. */
  readonly labels: Readonly<Partial<Record<LedgerDimension, string>>>;
  readonly calls: number;
  readonly unpricedCalls: number;
  /** Tasks that settled. */
  readonly tasks: number;
  readonly inputTokens: number;
  readonly cacheReadTokens: number;
  readonly cacheWriteTokens: number;
  readonly outputTokens: number;
  readonly reasoningTokens: number;
  readonly listPicoUsd: bigint;
  /** As it was booked: what the counters say. */
  readonly costPicoUsd: bigint;
  /** What was found to be wrong with them since; the truth is the sum. */
  readonly listCorrectionPicoUsd: bigint;
  readonly costCorrectionPicoUsd: bigint;
}

/** The start of the period in which `start` lies, and how much of it as text tells it. */
const PERIODS: Readonly<
  Record<LedgerPeriod, { readonly start: string; readonly render: (iso: string) => string }>
> = {
  hour: { start: 'start', render: (iso) => `${iso.slice(0, 13)}:00Z` },
  day: { start: 'start - start % 86400', render: (iso) => iso.slice(0, 10) },
  // No slice holds two months, so that any instant of it tells the month.
  month: { start: 'MIN(start)', render: (iso) => iso.slice(0, 7) },
};
/** Days that one statement reads: it holds up everything else of the process so long. */
const SLICE_DAYS = 7;
const DAY_SECONDS = 86_400;
const MONEY = ['list_micro_usd', 'list_rest_pico_usd', 'cost_micro_usd', 'cost_rest_pico_usd'] as const;

type Sums = Record<string, bigint>;

/** The rows of a period, summed by labels; the dearest first. */
export async function readLedger(database: DatabaseSync, query: LedgerQuery): Promise<LedgerRow[]> {
  // One view of the whole, whatever is written meanwhile: rolling up moves what a later slice would look for.
  database.exec('BEGIN');
  try {
    return await readSlices(database, query);
  } finally {
    database.exec('COMMIT');
  }
}

interface RowSums {
  readonly labels: LedgerRow['labels'];
  readonly cost: Sums;
  readonly correction: Sums;
}

async function readSlices(database: DatabaseSync, query: LedgerQuery): Promise<LedgerRow[]> {
  const rows = new Map<string, RowSums>();
  const cost = prepare(database, query, { table: 'cost', amounts: LEDGER_AMOUNTS });
  const correction = prepare(database, query, { table: 'correction', amounts: MONEY });
  for (const { from, to } of slices(database, query)) {
    for (const found of cost(from, to)) addSums(rowOf(rows, query.by, found).cost, found);
    for (const found of correction(from, to)) addSums(rowOf(rows, query.by, found).correction, found);
    await nextTurn();
  }
  return [...rows.values()].map(createRow).sort(byCost);
}

type Found = Readonly<Record<string, SQLOutputValue>>;

function rowOf(rows: Map<string, RowSums>, by: readonly LedgerDimension[], found: Found): RowSums {
  const labels = by.map((name) => renderLabel(name, found[name]));
  const key = labels.join('\u0000');
  let row = rows.get(key);
  if (row === undefined) {
    row = { labels: nameLabels(by, labels), cost: {}, correction: {} };
    rows.set(key, row);
  }
  return row;
}

type Statement = (from: number, to: number) => Iterable<Found>;

function prepare(
  database: DatabaseSync,
  { by, where = {} }: LedgerQuery,
  { table, amounts }: { table: string; amounts: readonly string[] },
): Statement {
  const sums = amounts.map((amount) => `SUM(${amount}) AS ${amount}`);
  const periods = LEDGER_PERIODS.filter((period) => by.includes(period));
  const starts = periods.map((name) => `${PERIODS[name].start} AS ${name}`);
  const wanted = LEDGER_LABELS.filter((label) => where[label] !== undefined);
  const conditions = wanted.map((label) => `${label} = ?`).join(' AND ');
  const only = conditions === '' ? '' : `AND labels IN (SELECT id FROM labels WHERE ${conditions})`;
  // Summed by label set first, then by labels: to join every row would take most of the time.
  const parts = `SELECT ${[...starts, 'labels', ...sums].join(', ')} FROM ${table}
    WHERE start >= ? AND start < ? ${only} GROUP BY ${[...periods.filter((name) => name !== 'month'), 'labels'].join(', ')}`;
  const groups = by.filter((name) => name !== 'month');
  const grouping = by.length === 0 ? '' : `GROUP BY ${groups.length === 0 ? 'NULL' : groups.join(', ')}`;
  const columns = by.map((name) => (name === 'month' ? 'MIN(month) AS month' : name));
  const statement = database.prepare(
    `SELECT ${[...columns, ...sums].join(', ')} FROM (${parts}) AS part JOIN labels ON labels.id = part.labels ${grouping}`,
  );
  statement.setReadBigInts(true);
  const values = wanted.map((label) => where[label] ?? '');
  return (from, to) => statement.iterate(from, to, ...values);
}

/** The part of the query in which there is anything, in pieces. Seconds since the epoch. */
function* slices(
  database: DatabaseSync,
  { fromMs, toMs }: LedgerQuery,
): IterableIterator<{ from: number; to: number }> {
  const bounds = ['cost', 'correction'].map((table) =>
    database.prepare(`SELECT MIN(start) AS first, MAX(start) AS last FROM ${table}`).get(),
  );
  const starts = bounds
    .flatMap((row) => [row?.first, row?.last])
    .filter((start) => typeof start === 'number');
  const to = Math.min(Math.ceil(toMs / 1000), Math.max(...starts) + 1);
  const first = Math.max(Math.ceil(fromMs / 1000), Math.min(...starts));
  for (let from = first; from < to; ) {
    const end = Math.min(from + SLICE_DAYS * DAY_SECONDS, startOfNextMonth(from), to);
    yield { from, to: end };
    from = end;
  }
}

function startOfNextMonth(atSeconds: number): number {
  const date = new Date(atSeconds * 1000);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1) / 1000;
}

const renderLabel = (name: LedgerDimension, value: SQLOutputValue | undefined): string =>
  isPeriod(name) ? PERIODS[name].render(new Date(Number(value) * 1000).toISOString()) : String(value);

export const isPeriod = (name: LedgerDimension): name is LedgerPeriod => name in PERIODS;

const nameLabels = (by: readonly LedgerDimension[], values: readonly string[]): LedgerRow['labels'] =>
  Object.fromEntries(by.map((name, index) => [name, values[index]]));

/** A sum over nothing is null. */
function addSums(sums: Sums, found: Found): void {
  for (const amount of LEDGER_AMOUNTS) {
    const value = found[amount];
    if (typeof value === 'bigint') sums[amount] = (sums[amount] ?? 0n) + value;
  }
}

function createRow({
  labels,
  cost,
  correction,
}: {
  labels: LedgerRow['labels'];
  cost: Sums;
  correction: Sums;
}): LedgerRow {
  const money = (sums: Sums, kind: 'list' | 'cost'): bigint =>
    joinPicoUsd(sums[`${kind}_micro_usd`] ?? 0n, sums[`${kind}_rest_pico_usd`] ?? 0n);
  return {
    labels,
    ...readCounts((name) => Number(cost[name] ?? 0n)),
    listPicoUsd: money(cost, 'list'),
    costPicoUsd: money(cost, 'cost'),
    listCorrectionPicoUsd: money(correction, 'list'),
    costCorrectionPicoUsd: money(correction, 'cost'),
  };
}

/** The counts of a row, by their columns. */
export const readCounts = (count: (name: LedgerCount) => number) => ({
  calls: count('calls'),
  unpricedCalls: count('unpriced_calls'),
  tasks: count('tasks'),
  inputTokens: count('input_tokens'),
  cacheReadTokens: count('cache_read_tokens'),
  cacheWriteTokens: count('cache_write_tokens'),
  outputTokens: count('output_tokens'),
  reasoningTokens: count('reasoning_tokens'),
});

/** The dearest first; equal ones by their labels, so that a report is the same each time. */
export function byCost(a: LedgerRow, b: LedgerRow): number {
  if (a.costPicoUsd !== b.costPicoUsd) return a.costPicoUsd < b.costPicoUsd ? 1 : -1;
  return JSON.stringify(a.labels) < JSON.stringify(b.labels) ? -1 : 1;
}
