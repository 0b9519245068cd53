import type { Pricer } from '@costspan/pricing';
import { type Correction, LEDGER_LABELS, type LedgerRow, trueCost, trueListCost } from '@costspan/processor';
import { PRICE_MODES } from '@costspan/semconv';
import { priceSum, type SumCost, type TokenSums } from './price-sum.js';

/** What one day of one set of labels would cost by other prices. */
export interface LedgerChange {
  readonly day: string;
  readonly calls: number;
  /** As it stands: booked, with the corrections made so far. */
  readonly currentPicoUsd: bigint;
  readonly correction: Correction;
  readonly note: string;
}

/** Pricers to compare by. */
export interface RepriceOptions {
  readonly after: Pricer;
  /** The prices that the rows were booked with, where they are known. */
  readonly before: Pricer | undefined;
}

/** Each call's amount was rounded by itself, five parts of it at the most. */
const ROUNDING_PICO_USD_A_CALL = 5n;

/** Changes by day and label of rows by hour and label; costs that the provider reported stay, whatever a table says. */
export function findChanges(rows: readonly LedgerRow[], options: RepriceOptions): LedgerChange[] {
  const groups = new Map<string, LedgerRow[]>();
  for (const row of rows) {
    const { hour = '', model = '', cost_source: source } = row.labels;
    if (model === '' || source === 'provider') continue;
    const key = JSON.stringify([hour.slice(0, 10), ...LEDGER_LABELS.map((name) => row.labels[name])]);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].flatMap((group) => findGroupChange(group, options) ?? []);
}

/** Corrections stand at the start of a day, so only the sum of its hours says how far a day is from the truth. */
function findGroupChange(rows: readonly LedgerRow[], options: RepriceOptions): LedgerChange | undefined {
  const values = rows.map((row) => findValue(row, options));
  const sum = (read: (value: Value, row: LedgerRow) => bigint): bigint =>
    rows.reduce((total, row, index) => total + read(values[index]!, row), 0n);
  const currentPicoUsd = sum((_value, row) => trueCost(row));
  const costPicoUsd = sum(({ costPicoUsd: value }) => value) - currentPicoUsd;
  const listPicoUsd = sum(({ listPicoUsd: value }, row) => value - trueListCost(row));
  const calls = rows.reduce((total, row) => total + row.calls, 0);
  if (isNear(costPicoUsd, 0n, calls)) return undefined;
  const [first] = rows;
  const labels = Object.fromEntries(LEDGER_LABELS.map((name) => [name, first?.labels[name] ?? '']));
  const day = (first?.labels.hour ?? '').slice(0, 10);
  const notes = new Set(values.map(({ note }) => note).filter((note) => note !== ''));
  return {
    day,
    calls,
    currentPicoUsd,
    correction: { startMs: Date.parse(day), labels, costPicoUsd, listPicoUsd },
    note: [...notes].join('; '),
  };
}

/** What a row is worth. */
interface Value {
  readonly costPicoUsd: bigint;
  readonly listPicoUsd: bigint;
  readonly note: string;
}

function findValue(row: LedgerRow, { after, before }: RepriceOptions): Value {
  const booked = { costPicoUsd: row.costPicoUsd, listPicoUsd: row.listPicoUsd, note: '' };
  if (row.calls <= 0) return booked;
  const now = priceRow(after, row);
  // What has no price by the new table keeps what it was booked with.
  if (typeof now === 'string') return booked;
  if (row.unpricedCalls >= row.calls) return { ...now, note: noteOf(now, 'was unpriced') };
  const then = before === undefined ? undefined : priceRow(before, row);
  if (then === undefined || typeof then === 'string' || isNear(then.costPicoUsd, row.costPicoUsd, row.calls))
    return isNear(now.costPicoUsd, row.costPicoUsd, row.calls) ? booked : { ...now, note: noteOf(now, '') };
  if (isNear(now.costPicoUsd, then.costPicoUsd, row.calls) || then.costPicoUsd === 0n) return booked;
  // What sums do not keep is in the booked amount, and grows or shrinks as the rest does.
  return {
    costPicoUsd: (row.costPicoUsd * now.costPicoUsd) / then.costPicoUsd,
    listPicoUsd:
      then.listPicoUsd === 0n ? row.listPicoUsd : (row.listPicoUsd * now.listPicoUsd) / then.listPicoUsd,
    note: noteOf(now, 'in proportion'),
  };
}

function isNear(a: bigint, b: bigint, calls: number): boolean {
  const difference = a > b ? a - b : b - a;
  return difference <= ROUNDING_PICO_USD_A_CALL * BigInt(Math.max(0, calls));
}

const noteOf = ({ reason }: SumCost, note: string): string =>
  [note, reason === undefined ? '' : `estimated: ${reason}`].filter((part) => part !== '').join(', ');

function priceRow(pricer: Pricer, row: LedgerRow): SumCost | string {
  const { provider = '', model = '', mode: booked, hour = '' } = row.labels;
  const mode = PRICE_MODES.find((known) => known === booked) ?? 'standard';
  const sums: TokenSums = {
    calls: row.calls,
    input: row.inputTokens,
    cacheRead: row.cacheReadTokens,
    cacheWrite: row.cacheWriteTokens,
    output: row.outputTokens,
    reasoning: row.reasoningTokens,
  };
  return priceSum(pricer, sums, { provider, model, mode, atMs: Date.parse(hour) });
}

/** Changes by day and model, for people. */
export interface DayChange {
  readonly day: string;
  readonly provider: string;
  readonly model: string;
  readonly calls: number;
  readonly bookedPicoUsd: bigint;
  readonly changePicoUsd: bigint;
  readonly notes: readonly string[];
}

export function sumByDay(changes: readonly LedgerChange[]): DayChange[] {
  const days = new Map<string, DayChange>();
  for (const { day, calls, currentPicoUsd, correction, note } of changes) {
    const { provider = '', model = '' } = correction.labels;
    const key = JSON.stringify([day, provider, model]);
    const known = days.get(key);
    days.set(key, {
      day,
      provider,
      model,
      calls: (known?.calls ?? 0) + calls,
      bookedPicoUsd: (known?.bookedPicoUsd ?? 0n) + currentPicoUsd,
      changePicoUsd: (known?.changePicoUsd ?? 0n) + correction.costPicoUsd,
      notes: [...new Set([...(known?.notes ?? []), ...(note === '' ? [] : [note])])],
    });
  }
  return [...days].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, change]) => change);
}
