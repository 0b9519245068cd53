/** Which task's cost moves when a task settles, however the rows are used that tasks stand in. */
import { Aggregate, type TaskView } from '@costspan/aggregate';
import { expect, it } from 'vitest';
import { call, NOW_MS, task } from '../../aggregate/test/records.ts';
import { LedgerBook } from '../src/ledger/book.ts';
import { LEDGER_AMOUNTS, LEDGER_LABELS } from '../src/ledger/row.ts';

const OUTCOME_AT = LEDGER_LABELS.indexOf('outcome');
const MICRO_USD_AT = LEDGER_AMOUNTS.indexOf('cost_micro_usd');
const TASKS_AT = LEDGER_AMOUNTS.indexOf('tasks');

const inRow = (row: number): TaskView => ({
  id: `t${row}`,
  row,
  labels: undefined,
  said: undefined,
  outcome: 'unknown',
  settledAs: undefined,
  costPicoUsd: 0n,
  subTasksPicoUsd: 0n,
  sampleCount: 1,
  bits: 0n,
});
const costing = (microUsd: number) => call({ costPicoUsd: microUsd * 1e6 });

function createBook(): LedgerBook {
  const book = new LedgerBook();
  book.nowMs = NOW_MS;
  return book;
}

/** Micro-USD and tasks by outcome, without those that have nothing. */
function read(book: LedgerBook): Record<string, readonly [microUsd: number, tasks: number]> {
  const sums: Record<string, readonly [number, number]> = {};
  for (const { labels, amounts } of book.pending()) {
    const [microUsd, tasks] = sums[labels[OUTCOME_AT]!] ?? [0, 0];
    sums[labels[OUTCOME_AT]!] = [microUsd + amounts[MICRO_USD_AT]!, tasks + amounts[TASKS_AT]!];
  }
  return Object.fromEntries(Object.entries(sums).filter(([, [microUsd, tasks]]) => microUsd + tasks !== 0));
}

it('moves the cost of each of many thousand tasks', () => {
  const book = createBook();
  for (let row = 0; row < 5_000; row += 1) book.addCall(costing(3), inRow(row));
  expect(read(book)).toEqual({ unsettled: [15_000, 0] });
  for (let row = 0; row < 5_000; row += 1) book.moveTask(inRow(row), row % 5 === 0 ? 'failure' : 'success');
  expect(read(book)).toEqual({ success: [12_000, 4_000], failure: [3_000, 1_000] });
});

it('leaves the cost of a forgotten task where it is when another one stands in its row', () => {
  const book = createBook();
  book.addCall(costing(10), inRow(0));
  book.moveTask(inRow(0), 'success');
  book.forgetTask(inRow(0));
  book.addCall(costing(200), inRow(0));
  expect(read(book)).toEqual({ success: [10, 1], unsettled: [200, 0] });
  book.moveTask(inRow(0), 'failure');
  expect(read(book)).toEqual({ success: [10, 1], failure: [200, 1] });
});

it('is told of each task that the aggregate forgets, whose row the next one gets', () => {
  const book = createBook();
  const aggregate = new Aggregate({ settledTasks: 1, settleQuietMs: 0, settleAfterMs: 1e6, listener: book });
  for (let index = 0; index < 10; index += 1) {
    const id = `t${index}`;
    const nowMs = NOW_MS + index * 1_000;
    aggregate.recordCall({ ...costing(10 ** (index % 5)), task: { id, name: 'resolve' } }, nowMs);
    aggregate.recordTask(task({ id, outcome: index % 2 === 0 ? 'success' : 'failure' }), nowMs);
    aggregate.settle(nowMs + 1);
  }
  // Each of the ten thousands' places once as a success and once as a failure.
  expect(read(book)).toEqual({ success: [11_111, 5], failure: [11_111, 5] });
});

it('keeps the kinds of calls apart by each of their labels', () => {
  const book = createBook();
  const kinds = [
    { service: 'x' },
    { environment: 'x' },
    { feature: 'x' },
    { userTier: 'x' },
    { tenant: 'x' },
    { provider: 'x' },
    { model: 'x' },
    { mode: 'batch' },
    { operation: 'embeddings' },
    { costSource: 'provider' },
  ] as const;
  for (const kind of kinds) for (const differs of [{}, kind]) book.addCall(call(differs), undefined);
  const calls = [...book.pending()].map(({ amounts }) => amounts[LEDGER_AMOUNTS.indexOf('calls')]);
  expect(calls).toEqual([kinds.length, ...kinds.map(() => 1)]);
});
