import { formatUsd, picoUsdToUsdText } from '@costspan/pricing';
import {
  costPerSuccess,
  type LedgerDimension,
  type ReportRow,
  sumRows,
  trueCost,
  trueListCost,
} from '@costspan/processor';
import { renderColumns } from './table-text.js';

/** The numbers of a row, by their names in CSV and JSON; money is exact decimal text in USD. */
function readNumbers(row: ReportRow): Record<string, string | number> {
  const perSuccess = costPerSuccess(row);
  return {
    cost_usd: picoUsdToUsdText(trueCost(row)),
    list_cost_usd: picoUsdToUsdText(trueListCost(row)),
    correction_usd: picoUsdToUsdText(row.costCorrectionPicoUsd),
    calls: row.calls,
    unpriced_calls: row.unpricedCalls,
    input_tokens: row.inputTokens,
    cache_read_tokens: row.cacheReadTokens,
    cache_write_tokens: row.cacheWriteTokens,
    output_tokens: row.outputTokens,
    reasoning_tokens: row.reasoningTokens,
    tasks: row.tasks,
    successful_tasks: row.successes,
    cost_per_successful_task_usd: perSuccess === undefined ? '' : picoUsdToUsdText(perSuccess),
  };
}

/** One object a row. */
export const renderJson = (rows: readonly ReportRow[]): string =>
  `${JSON.stringify(
    rows.map((row) => ({ ...row.labels, ...readNumbers(row) })),
    undefined,
    2,
  )}\n`;

/** RFC 4180, with a first line of names. */
export function renderCsv(rows: readonly ReportRow[], by: readonly LedgerDimension[]): string {
  const [first] = rows;
  const names = [...by, ...Object.keys(first === undefined ? {} : readNumbers(first))];
  const lines = rows.map((row) => [
    ...by.map((name) => row.labels[name] ?? ''),
    ...Object.values(readNumbers(row)),
  ]);
  return renderCsvLines([names, ...lines]);
}

export const renderCsvLines = (lines: readonly (readonly (string | number)[])[]): string =>
  lines.map((line) => `${line.map(quote).join(',')}\r\n`).join('');

/** A text that a spreadsheet would run as a formula is a text to it, too. */
function quote(value: string | number): string {
  if (typeof value === 'number' || /^-?\d+(\.\d+)?$/.test(value)) return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** For people: rounded, with the sum as the last line. */
export function renderTable(rows: readonly ReportRow[], by: readonly LedgerDimension[]): string {
  if (rows.length === 0) return 'nothing was booked in this period\n';
  const hasCorrections = rows.some((row) => row.costCorrectionPicoUsd !== 0n);
  const money = ['cost', ...(hasCorrections ? ['of it corrected'] : []), 'list'];
  const header = [by.join(' / '), ...money, 'calls', 'tokens', 'tasks', 'success', 'cost per success'];
  const lines = rows.map((row) => [renderLabels(row, by), ...readCells(row, hasCorrections)]);
  const total = ['total', ...readCells(sumRows(rows), hasCorrections)];
  return renderColumns([header, ...(by.length === 0 ? [] : lines), total])
    .map((line) => `${line}\n`)
    .join('');
}

const renderLabels = ({ labels }: ReportRow, by: readonly LedgerDimension[]): string =>
  by.map((name) => labels[name] || '–').join(' / ');

function readCells(row: ReportRow, hasCorrections: boolean): string[] {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens } = row;
  const tokens = inputTokens + cacheReadTokens + cacheWriteTokens + outputTokens + reasoningTokens;
  const perSuccess = costPerSuccess(row);
  return [
    formatUsd(trueCost(row)),
    ...(hasCorrections ? [formatUsd(row.costCorrectionPicoUsd)] : []),
    formatUsd(trueListCost(row)),
    row.calls.toLocaleString('en-US'),
    tokens.toLocaleString('en-US'),
    row.tasks.toLocaleString('en-US'),
    row.tasks === 0 ? '–' : `${((100 * row.successes) / row.tasks).toFixed(1)} %`,
    perSuccess === undefined ? '–' : formatUsd(perSuccess),
  ];
}
