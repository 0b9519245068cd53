import type { CorrectionRun, CorrectionRunSummary } from '../corrections.js';
import { LEDGER_LABELS } from '../row.js';
import type { ClickHouse } from './clickhouse.js';

/**
 * A correction is an entry like any other, so that every sum holds it. By who wrote it, it is told from what was booked:
 * a processor's name is a UUID, that of a run begins with this word and ends with its reason.
 */
const RUN_WORD = 'reprice ';
const REASON_MARK = ': ';

/** In a query: whether an entry is a correction. */
export const IS_CORRECTION = `startsWith(processor, '${RUN_WORD}')`;

/** Writes a run of corrections; its name begins with `reprice `. */
export async function writeClickHouseCorrections(clickHouse: ClickHouse, run: CorrectionRun): Promise<void> {
  const processor = `${run.run}${REASON_MARK}${run.reason}`;
  const lines = run.corrections.map(({ startMs, labels, listPicoUsd, costPicoUsd }, line) => {
    const entry = {
      processor,
      batch: 0,
      line,
      hour: Math.floor(startMs / 1000),
      ...Object.fromEntries(LEDGER_LABELS.map((label) => [label, labels[label] ?? ''])),
      list_pico_usd: String(listPicoUsd),
      cost_pico_usd: String(costPicoUsd),
    };
    return `${JSON.stringify(entry)}\n`;
  });
  await clickHouse.insert({ id: 0, lines: lines.join('') }, run.run);
}

/** All runs, the newest last. */
export async function listClickHouseCorrectionRuns(clickHouse: ClickHouse): Promise<CorrectionRunSummary[]> {
  const text = `SELECT processor, count(), sum(cost_pico_usd) FROM entry FINAL WHERE ${IS_CORRECTION} GROUP BY processor ORDER BY processor`;
  const rows = await clickHouse.select(text, {});
  return rows.map(([processor = '', corrections, costPicoUsd = '0']) => {
    const mark = processor.indexOf(REASON_MARK);
    const run = processor.slice(0, mark);
    return {
      run,
      madeAtMs: Date.parse(run.slice(RUN_WORD.length)),
      reason: processor.slice(mark + REASON_MARK.length),
      corrections: Number(corrections),
      costPicoUsd: BigInt(costPicoUsd),
    };
  });
}
