import { expect, it } from 'vitest';
import { call, NOW_MS, task } from '../../aggregate/test/records.ts';
import { LedgerBook } from '../src/ledger/book.ts';
import { LEDGER_AMOUNTS, LEDGER_LABELS } from '../src/ledger/row.ts';
import type { SpanRecord } from '../src/span-record.ts';
import { ProcessorState } from '../src/state.ts';
import { OPTIONS } from './histories.ts';

const OUTCOME_AT = LEDGER_LABELS.indexOf('outcome');
const TASK_AT = LEDGER_LABELS.indexOf('task');
const COST_AT = LEDGER_AMOUNTS.indexOf('cost_micro_usd');

/** What is in the ledger by task and outcome, whole micro-USD. */
function sumBook(book: LedgerBook): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { labels, amounts } of book.pending()) {
    const key = `${labels[TASK_AT]} ${labels[OUTCOME_AT]}`;
    if (amounts[COST_AT] !== 0) sums[key] = (sums[key] ?? 0) + amounts[COST_AT]!;
  }
  return sums;
}

it('what tasks have in the ledger stays theirs when the configuration is loaded anew', () => {
  const book = new LedgerBook();
  const state = new ProcessorState(OPTIONS, book);
  const take = (spans: Pick<SpanRecord, 'call' | 'task'>[]) =>
    state.apply({
      kind: 'spans',
      nowMs: NOW_MS,
      spans: spans.map((span, at) => ({ ...span, traceId: 'a', spanId: span.call?.spanId ?? `end ${at}` })),
    });
  const spend = (id: string, microUsd: number) =>
    call({ task: { id, name: id }, costPicoUsd: microUsd * 1_000_000 });
  take(['a', 'b', 'c'].map((id, at) => ({ call: spend(id, 10 ** at) })));
  // The order in which tasks are read is that of their last news: from here on it is another one than that of their rows.
  take([{ call: spend('a', 1_000) }]);
  state.apply({ kind: 'options', nowMs: NOW_MS, options: OPTIONS });
  expect(sumBook(book)).toEqual({ 'a unsettled': 1_001, 'b unsettled': 10, 'c unsettled': 100 });
  take([
    { task: task({ id: 'a', name: 'a', outcome: 'success' }) },
    { task: task({ id: 'b', name: 'b', outcome: 'failure' }) },
  ]);
  state.apply({ kind: 'settle', nowMs: NOW_MS + OPTIONS.tasks.settleQuietMs });
  expect(sumBook(book)).toEqual({ 'a success': 1_001, 'b failure': 10, 'c unsettled': 100 });
});
