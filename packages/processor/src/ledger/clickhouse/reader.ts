import {
  byCost,
  isPeriod,
  type LedgerDimension,
  type LedgerPeriod,
  type LedgerQuery,
  type LedgerRow,
  readCounts,
} from '../reader.js';
import { LEDGER_COUNTS, LEDGER_LABELS } from '../row.js';
import type { ClickHouse } from './clickhouse.js';
import { IS_CORRECTION } from './corrections.js';

/** The period of an hour as text, as the embedded ledger tells it. */
const PERIODS: Readonly<Record<LedgerPeriod, string>> = {
  hour: "formatDateTime(hour, '%Y-%m-%dT%H:00Z')",
  day: "formatDateTime(hour, '%Y-%m-%d')",
  month: "formatDateTime(hour, '%Y-%m')",
};
/** Sums of money, as a row of the report has them. */
const MONEY = {
  listPicoUsd: `sumIf(list_pico_usd, NOT ${IS_CORRECTION})`,
  costPicoUsd: `sumIf(cost_pico_usd, NOT ${IS_CORRECTION})`,
  listCorrectionPicoUsd: `sumIf(list_pico_usd, ${IS_CORRECTION})`,
  costCorrectionPicoUsd: `sumIf(cost_pico_usd, ${IS_CORRECTION})`,
} as const;
type Money = keyof typeof MONEY;

/** The rows of a period, summed by labels; the dearest first. */
export async function readClickHouse(clickHouse: ClickHouse, query: LedgerQuery): Promise<LedgerRow[]> {
  const { by, where = {}, fromMs, toMs } = query;
  const wanted = LEDGER_LABELS.filter((label) => where[label] !== undefined);
  const conditions = [
    'hour >= fromUnixTimestamp({from:Int64})',
    'hour < fromUnixTimestamp({to:Int64})',
    ...wanted.map((label) => `${label} = {${label}:String}`),
  ];
  const sums = [...LEDGER_COUNTS.map((name) => `sum(${name})`), ...Object.values(MONEY)];
  const columns = [...by.map(renderColumn), ...sums];
  // FINAL: a batch that was sent twice is one.
  const text = `SELECT ${columns.join(', ')} FROM entry FINAL WHERE ${conditions.join(' AND ')}`;
  const groups = by.map((_, index) => index + 1).join(', ');
  const rows = await clickHouse.select(by.length === 0 ? text : `${text} GROUP BY ${groups}`, {
    from: String(Math.ceil(fromMs / 1000)),
    to: String(Math.ceil(toMs / 1000)),
    ...Object.fromEntries(wanted.map((label) => [label, where[label] ?? ''])),
  });
  return rows.map((row) => createRow(by, row)).sort(byCost);
}

const renderColumn = (name: LedgerDimension): string => (isPeriod(name) ? PERIODS[name] : name);

function createRow(by: readonly LedgerDimension[], row: readonly string[]): LedgerRow {
  const values = row.slice(by.length);
  const money = (name: Money): bigint =>
    BigInt(values[LEDGER_COUNTS.length + Object.keys(MONEY).indexOf(name)] ?? 0);
  return {
    labels: Object.fromEntries(by.map((name, index) => [name, row[index]])),
    ...readCounts((name) => Number(values[LEDGER_COUNTS.indexOf(name)])),
    listPicoUsd: money('listPicoUsd'),
    costPicoUsd: money('costPicoUsd'),
    listCorrectionPicoUsd: money('listCorrectionPicoUsd'),
    costCorrectionPicoUsd: money('costCorrectionPicoUsd'),
  };
}
