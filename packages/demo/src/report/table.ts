import type { FeatureReport } from './features.js';

const columns: readonly (readonly [string, (row: FeatureReport) => string])[] = [
  ['feature', (row) => row.feature],
  ['calls', (row) => formatCount(row.calls)],
  ['tokens', (row) => formatCount(row.tokens)],
  ['cost', (row) => formatUsd(row.costPicoUsd)],
  ['tasks', (row) => formatCount(row.tasks)],
  ['success', (row) => (row.tasks === 0 ? '–' : `${((100 * row.successes) / row.tasks).toFixed(1)} %`)],
  [
    'cost / success',
    (row) => (row.costPerSuccessPicoUsd === undefined ? '–' : formatUsd(row.costPerSuccessPicoUsd)),
  ],
  ['wasted', (row) => formatUsd(row.wastedPicoUsd)],
  ['cache saved', (row) => formatUsd(row.savedPicoUsd)],
];

/** The reports as a table for a terminal, with a line of sums. */
export function renderTable(rows: readonly FeatureReport[]): string {
  const cells = [...rows, sumRows(rows)].map((row) => columns.map(([, read]) => read(row)));
  const heads = columns.map(([head]) => head);
  const widths = heads.map((head, column) =>
    Math.max(head.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const renderRow = (row: readonly string[]) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ');
  const rule = widths.map((width) => '─'.repeat(width)).join('  ');
  const lines = cells.map(renderRow);
  return [renderRow(heads), rule, ...lines.slice(0, -1), rule, lines.at(-1)].join('\n');
}

function sumRows(rows: readonly FeatureReport[]): FeatureReport {
  const count = (read: (row: FeatureReport) => number) => rows.reduce((sum, row) => sum + read(row), 0);
  const money = (read: (row: FeatureReport) => bigint) => rows.reduce((sum, row) => sum + read(row), 0n);
  return {
    feature: 'total',
    calls: count((row) => row.calls),
    tokens: count((row) => row.tokens),
    costPicoUsd: money((row) => row.costPicoUsd),
    tasks: count((row) => row.tasks),
    successes: count((row) => row.successes),
    // A success of one feature is not a success of another: there is no common one.
    costPerSuccessPicoUsd: undefined,
    wastedPicoUsd: money((row) => row.wastedPicoUsd),
    savedPicoUsd: money((row) => row.savedPicoUsd),
  };
}

/** Dollars with six decimals, as a bill of cents and less needs them. */
export function formatUsd(picoUsd: bigint): string {
  const sign = picoUsd < 0n ? '-' : '';
  const micro = ((picoUsd < 0n ? -picoUsd : picoUsd) + 500_000n) / 1_000_000n;
  return `${sign}$${micro / 1_000_000n}.${String(micro % 1_000_000n).padStart(6, '0')}`;
}

/** Dollars with all twelve decimals. */
export function formatExactUsd(picoUsd: bigint): string {
  return `$${picoUsd / 1_000_000_000_000n}.${String(picoUsd % 1_000_000_000_000n).padStart(12, '0')}`;
}

function formatCount(count: number): string {
  return count.toLocaleString('en-US');
}
