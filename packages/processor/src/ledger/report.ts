import { OUTCOMES } from '@costspan/semconv';
import type { LedgerDimension, LedgerRow } from './reader.js';

/** A row of a report: what it is about, what it cost, and what its tasks came to. */
export interface ReportRow extends LedgerRow {
  readonly successes: number;
  /** Cost of tasks that have an outcome. */
  readonly settledPicoUsd: bigint;
}

const COUNTS = [
  'calls',
  'unpricedCalls',
  'tasks',
  'inputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'outputTokens',
  'reasoningTokens',
  'successes',
] as const;
const SUMS = [
  'listPicoUsd',
  'costPicoUsd',
  'listCorrectionPicoUsd',
  'costCorrectionPicoUsd',
  'settledPicoUsd',
] as const;

/** What a call has and a task has not: by these the cost stands in some rows, and the tasks in another one. */
const CALL_LABELS: readonly LedgerDimension[] = ['provider', 'model', 'mode', 'operation', 'cost_source'];

/** What a query must be by, for {@link foldOutcomes}: outcomes are told apart, whether they are asked for or not. */
export const withOutcome = (by: readonly LedgerDimension[]): readonly LedgerDimension[] =>
  by.includes('outcome') ? by : [...by, 'outcome'];

/** Rows by outcome as the rows of a report by `by`; those in which nothing is left are left out. */
export function foldOutcomes(rows: readonly LedgerRow[], by: readonly LedgerDimension[]): ReportRow[] {
  const folded = new Map<string, ReportRow>();
  for (const row of rows) {
    if (isEmpty(row)) continue;
    const labels = Object.fromEntries(by.map((name) => [name, row.labels[name] ?? '']));
    const key = Object.values(labels).join('\u0000');
    const next = { ...readOutcome(row), labels };
    const known = folded.get(key);
    folded.set(key, known === undefined ? next : addRows(known, next));
  }
  return [...folded.values()].sort(byTrueCost);
}

function addRows(a: ReportRow, b: ReportRow): ReportRow {
  const counts = COUNTS.map((name) => [name, a[name] + b[name]]);
  const sums = SUMS.map((name) => [name, a[name] + b[name]]);
  return { ...a, ...Object.fromEntries([...counts, ...sums]) };
}

/** The sum of rows, of which there is at least one. */
export const sumRows = (rows: readonly ReportRow[]): ReportRow => ({ ...rows.reduce(addRows), labels: {} });

/** What it really cost: as booked, with what was found to be wrong since. */
export const trueCost = ({ costPicoUsd, costCorrectionPicoUsd }: LedgerRow): bigint =>
  costPicoUsd + costCorrectionPicoUsd;
/** Pico-USD at list price, corrections included. */
export const trueListCost = ({ listPicoUsd, listCorrectionPicoUsd }: LedgerRow): bigint =>
  listPicoUsd + listCorrectionPicoUsd;

/** Whether no call of the row has a price: the sum of 0 is then no amount. */
export const isCostUnknown = (row: LedgerRow): boolean =>
  row.calls > 0 && row.unpricedCalls >= row.calls && trueCost(row) === 0n;

/** Cost of settled tasks by their successes; undefined where the row does not hold both, or its cost is not known. */
export function costPerSuccess(row: ReportRow): bigint | undefined {
  const isOfCalls = CALL_LABELS.some((label) => row.labels[label] !== undefined);
  if (row.successes === 0 || isOfCalls || isCostUnknown(row)) return undefined;
  return row.settledPicoUsd / BigInt(row.successes);
}

const isEmpty = (row: LedgerRow): boolean =>
  row.calls === 0 && row.tasks === 0 && trueCost(row) === 0n && trueListCost(row) === 0n;

function readOutcome(row: LedgerRow): ReportRow {
  const { outcome } = row.labels;
  const isSettled = OUTCOMES.some((known) => known === outcome);
  return {
    ...row,
    successes: outcome === 'success' ? row.tasks : 0,
    settledPicoUsd: isSettled ? trueCost(row) : 0n,
  };
}

function byTrueCost(a: ReportRow, b: ReportRow): number {
  const [costA, costB] = [trueCost(a), trueCost(b)];
  if (costA !== costB) return costA < costB ? 1 : -1;
  return JSON.stringify(a.labels) < JSON.stringify(b.labels) ? -1 : 1;
}
