import { formatUsd, picoUsdToUsdText } from '@costspan/pricing';
import {
  costPerSuccess,
  isCostUnknown,
  type LedgerDimension,
  type ReportRow,
  sumRows,
  trueCost,
  trueListCost,
} from '@costspan/processor';
import { renderColumns } from './table-text.js';

/** The numbers of a row, by their names in CSV and JSON; money is exact decimal text in USD. */
const NUMBERS: Readonly<Record<string, (row: ReportRow) => string | number>> = {
  cost_usd: (row) => picoUsdToUsdText(trueCost(row)),
  list_cost_usd: (row) => picoUsdToUsdText(trueListCost(row)),
  correction_usd: (row) => picoUsdToUsdText(row.costCorrectionPicoUsd),
  calls: (row) => row.calls,
  unpriced_calls: (row) => row.unpricedCalls,
  input_tokens: (row) => row.inputTokens,
  cache_read_tokens: (row) => row.cacheReadTokens,
  cache_write_tokens: (row) => row.cacheWriteTokens,
  output_tokens: (row) => row.outputTokens,
  reasoning_tokens: (row) => row.reasoningTokens,
  tasks: (row) => row.tasks,
  successful_tasks: (row) => row.successes,
  cost_per_successful_task_usd: (row) => {
    const perSuccess = costPerSuccess(row);
    return perSuccess === undefined ? '' : picoUsdToUsdText(perSuccess);
  },
};

const readNumbers = (row: ReportRow) =>
  Object.fromEntries(Object.entries(NUMBERS).map(([name, read]) => [name, read(row)]));

/** One object a row. */
export const renderJson = (rows: readonly ReportRow[]): string =>
  `${JSON.stringify(
    rows.map((row) => ({ ...row.labels, ...readNumbers(row) })),
    undefined,
    2,
  )}\n`;

/** RFC 4180, with a first line of names. */
export function renderCsv(rows: readonly ReportRow[], by: readonly LedgerDimension[]): string {
  const names = [...by, ...Object.keys(NUMBERS)];
  const lines = rows.map((row) => [
    ...by.map((name) => row.labels[name] ?? ''),
    ...Object.values(NUMBERS).map((read) => read(row)),
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
  const columns = COLUMNS.filter(({ isShown }) => isShown === undefined || rows.some(isShown));
  const renderRow = (row: ReportRow) => columns.map(({ render }) => render(row));
  const header = [by.join(' / '), ...columns.map(({ name }) => name)];
  const lines = rows.map((row) => [renderLabels(row, by), ...renderRow(row)]);
  const total = ['total', ...renderRow(sumRows(rows))];
  return renderColumns([header, ...(by.length === 0 ? [] : lines), total])
    .map((line) => `${line}\n`)
    .join('');
}

const renderLabels = ({ labels }: ReportRow, by: readonly LedgerDimension[]): string =>
  by.map((name) => labels[name] || '–').join(' / ');

interface Column {
  readonly name: string;
  render(row: ReportRow): string;
  /** The column is there only where this holds for one of the rows. */
  isShown?(row: ReportRow): boolean;
}

const renderCount = (count: number): string => count.toLocaleString('en-US');
const renderKnown = (row: ReportRow, picoUsd: bigint): string =>
  isCostUnknown(row) ? '–' : formatUsd(picoUsd);

const COLUMNS: readonly Column[] = [
  { name: 'cost', render: (row) => renderKnown(row, trueCost(row)) },
  {
    name: 'of it corrected',
    render: (row) => formatUsd(row.costCorrectionPicoUsd),
    isShown: (row) => row.costCorrectionPicoUsd !== 0n,
  },
  { name: 'list', render: (row) => renderKnown(row, trueListCost(row)) },
  { name: 'calls', render: (row) => renderCount(row.calls) },
  {
    name: 'unpriced',
    render: (row) => renderCount(row.unpricedCalls),
    isShown: (row) => row.unpricedCalls > 0,
  },
  { name: 'tokens', render: (row) => renderCount(sumTokens(row)) },
  { name: 'tasks', render: (row) => renderCount(row.tasks) },
  {
    name: 'success',
    render: ({ tasks, successes }) => (tasks === 0 ? '–' : `${((100 * successes) / tasks).toFixed(1)} %`),
  },
  { name: 'cost per success', render: renderCostPerSuccess },
];

function renderCostPerSuccess(row: ReportRow): string {
  const perSuccess = costPerSuccess(row);
  return perSuccess === undefined ? '–' : formatUsd(perSuccess);
}

/** All tokens of a row: their types are a partition. */
export const sumTokens = (row: ReportRow): number =>
  row.inputTokens + row.cacheReadTokens + row.cacheWriteTokens + row.outputTokens + row.reasoningTokens;
