import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { call, createRandom, NOW_MS, task } from '../../aggregate/test/records.ts';
import { type Entry, encodeEntry } from '../src/entry.ts';
import { writeCorrections } from '../src/ledger/corrections.ts';
import { LEDGER_FILE, openLedgerToRead, openLedgerToWrite } from '../src/ledger/database.ts';
import { Ledger } from '../src/ledger/ledger.ts';
import { type LedgerQuery, type LedgerRow, readLedger } from '../src/ledger/reader.ts';
import { LEDGER_LABELS } from '../src/ledger/row.ts';
import { Store } from '../src/store/store.ts';
import { createHistory, OPTIONS } from './histories.ts';
import { MemoryDisk } from './memory-disk.ts';

const DAY_MS = 86_400_000;
const RETENTION = { hoursMs: 45 * DAY_MS, daysMs: 400 * DAY_MS, monthsMs: 3_650 * DAY_MS };
const EVER = { fromMs: 0, toMs: NOW_MS + 1_000 * DAY_MS };
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'costspan-ledger-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

interface Running {
  readonly store: Store;
  readonly ledger: Ledger;
}
async function open(disk: MemoryDisk, folder: string): Promise<Running> {
  const ledger = Ledger.open(folder, RETENTION);
  const onHealth = (failure: unknown) => {
    throw failure;
  };
  const store = await Store.open({ disk, options: OPTIONS, ledger, maxQueueBytes: 1_000_000, onHealth });
  return { store, ledger };
}
const commit = ({ store }: Running, entry: Entry): Promise<void> =>
  store.journal.commit(encodeEntry(entry), () => store.state.apply(entry));

async function read(folder: string, query: Partial<LedgerQuery> = {}): Promise<LedgerRow[]> {
  const database = openLedgerToRead(folder);
  try {
    return await readLedger(database, { ...EVER, by: [], ...query });
  } finally {
    database.close();
  }
}
/** Rows without those in which nothing is left. */
const readAll = async (folder: string): Promise<LedgerRow[]> =>
  (await read(folder, { by: ['hour', ...LEDGER_LABELS] })).filter(({ calls, tasks }) => calls + tasks > 0);

const spans = (
  nowMs: number,
  ...records: readonly (ReturnType<typeof call> | ReturnType<typeof task>)[]
): Entry => ({
  kind: 'spans',
  nowMs,
  spans: records.map((record, index) =>
    'traceId' in record
      ? { traceId: record.traceId, spanId: record.spanId, call: record }
      : {
          traceId: '0af7651916cd43dd8448eb211c80319c',
          spanId: `f${index}${record.endMs % 1_000}`.padStart(16, 'f'),
          task: record,
        },
  ),
});

it('is written on where the log of an earlier version has a call of more tokens than a column takes', async () => {
  const disk = new MemoryDisk();
  const running = await open(disk, directory);
  const tokens = { input: 2 ** 64, cacheRead: 0, cacheWrite: 0, output: 7, reasoning: 0 };
  await commit(running, spans(NOW_MS, call({ traceId: 'a'.repeat(32), tokens })));
  await running.store.flushLedger();
  await commit(running, spans(NOW_MS, call({ traceId: 'b'.repeat(32), tokens: { ...tokens, input: 3 } })));
  await running.store.close();
  const [total] = await read(directory);
  expect(total).toMatchObject({ calls: 2, inputTokens: 1e12 + 3, outputTokens: 14 });
});

describe('the sum over the ledger is the sum of the counters', () => {
  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'at every moment, through crashes, kept states, late outcomes and duplicates (seed %i)',
    async (seed) => {
      const random = createRandom(seed);
      const steadyFolder = mkdtempSync(join(directory, 'steady-'));
      const steady = await open(new MemoryDisk(), steadyFolder);
      let disk = new MemoryDisk();
      let running = await open(disk, directory);
      for (const entry of createHistory(random, 120)) {
        await commit(steady, entry);
        await commit(running, entry);
        if (random() < 0.2) {
          await running.store.flushLedger();
          const totals = running.store.state.aggregate.totals();
          const by = new Map(
            (await read(directory, { by: ['outcome'] })).map((row) => [row.labels.outcome, row]),
          );
          const sum = (names: readonly string[]) =>
            names.reduce((picoUsd, name) => picoUsd + (by.get(name)?.costPicoUsd ?? 0n), 0n);
          expect(sum(['unsettled'])).toBe(totals.unsettledPicoUsd);
          expect(sum(['untasked'])).toBe(totals.untaskedPicoUsd);
          expect(sum(['success', 'failure', 'abandoned', 'unknown'])).toBe(totals.settledPicoUsd);
          await expectSameCounts(running.store.state);
        }
        if (random() < 0.05) await running.store.keepState();
        if (random() >= 0.1) continue;
        // A crash: what the ledger was not told yet is told by the log.
        disk = disk.clone();
        running.ledger.close();
        running = await open(disk, directory);
      }
      await running.store.close();
      await steady.store.close();
      expect(await readAll(directory)).toEqual(await readAll(steadyFolder));
      const [total] = await read(directory);
      expect(total?.costPicoUsd).toBe(running.store.state.aggregate.totals().callsPicoUsd);
    },
    30_000,
  );
});

it('what a loss of power has taken from the ledger is made again from the log', async () => {
  const disk = new MemoryDisk();
  const running = await open(disk, directory);
  const entries = createHistory(createRandom(9), 60);
  const lost = mkdtempSync(join(directory, 'lost-'));
  for (const [index, entry] of entries.entries()) {
    await commit(running, entry);
    if (index % 10 === 0) await running.store.flushLedger();
    if (index !== 30) continue;
    await running.store.keepState();
    for (const name of readdirSync(directory).filter((file) => file.startsWith(LEDGER_FILE)))
      copyFileSync(join(directory, name), join(lost, name));
  }
  await running.store.flushLedger();
  const again = await open(disk.clone(), lost);
  await again.store.close();
  await running.store.close();
  expect(await readAll(lost)).toEqual(await readAll(directory));
  expect((await readAll(lost)).length).toBeGreaterThan(10);
});

/** Calls and tasks of the ledger are those of the counters, a budget's spend is what the ledger has in its period. */
async function expectSameCounts({ aggregate, nowMs }: Running['store']['state']): Promise<void> {
  const count = (metric: string): number => {
    const set = aggregate.series.find(({ definition }) => definition.name === metric);
    return [...(set?.values() ?? [])].reduce((total, { value }) => total + Number(value), 0);
  };
  const [row] = await read(directory);
  const counted = [count('llm_calls_total'), count('llm_tasks_total')];
  expect([row?.calls ?? 0, row?.tasks ?? 0]).toEqual(counted);
  for (const { period, spendPicoUsd } of aggregate.budgetPositions(nowMs)) {
    const [spent] = await read(directory, { fromMs: period.startMs, toMs: period.endMs });
    expect(spent?.costPicoUsd ?? 0n).toBe(spendPicoUsd);
  }
}

it('has a task with its cost under its outcome, with tokens, list price and what came late', async () => {
  const running = await open(new MemoryDisk(), directory);
  const made = { task: { id: 't1', name: 'resolve' }, listCostPicoUsd: 2e10 };
  await commit(running, spans(NOW_MS, call(made), call({ ...made, model: 'gpt-5-mini' }), call()));
  await commit(running, spans(NOW_MS, task({ outcome: 'success' })));
  await commit(running, { kind: 'settle', nowMs: NOW_MS + 60_000 });
  await commit(running, spans(NOW_MS + 61_000, call({ ...made, costPicoUsd: 5e9 })));
  const outcome = { taskId: 't1', outcome: 'failure' } as const;
  await commit(running, { kind: 'outcome', nowMs: NOW_MS + 62_000, outcome });
  await running.store.close();
  const rows = (await read(directory, { by: ['outcome', 'task', 'model'] })).filter(
    ({ calls, tasks }) => calls + tasks > 0,
  );
  const none = { unpricedCalls: 0, listCorrectionPicoUsd: 0n, costCorrectionPicoUsd: 0n };
  const tokens = (calls: number) => ({
    calls,
    inputTokens: 100 * calls,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    outputTokens: 10 * calls,
    reasoningTokens: 5 * calls,
  });
  const failed = (model: string) => ({ outcome: 'failure', task: 'resolve', model });
  expect(rows).toEqual([
    {
      ...none,
      ...tokens(2),
      labels: failed('gpt-5'),
      tasks: 0,
      listPicoUsd: 40_000_000_000n,
      costPicoUsd: 15_000_000_000n,
    },
    {
      ...none,
      ...tokens(1),
      labels: failed('gpt-5-mini'),
      tasks: 0,
      listPicoUsd: 20_000_000_000n,
      costPicoUsd: 10_000_000_000n,
    },
    {
      ...none,
      ...tokens(1),
      labels: { outcome: 'untasked', task: '', model: 'gpt-5' },
      tasks: 0,
      listPicoUsd: 10_000_000_000n,
      costPicoUsd: 10_000_000_000n,
    },
    { ...none, ...tokens(0), labels: failed(''), tasks: 1, listPicoUsd: 0n, costPicoUsd: 0n },
  ]);
});

it('counts calls and tasks of sampled traces in whole ones that are right on the average', async () => {
  const running = await open(new MemoryDisk(), directory);
  const sampleCount = 10 / 3;
  for (let trace = 0; trace < 600; trace += 1) {
    const id = `task-${trace}`;
    const spanId = (trace + 1).toString(16).padStart(16, '0');
    const sampled = { spanId, sampleCount, estimatedReason: 'sampled' as const };
    await commit(running, spans(NOW_MS, call({ ...sampled, task: { id, name: 'resolve' } })));
    const ended = { traceId: 'c'.repeat(32), spanId, task: task({ id, outcome: 'success' }) };
    await commit(running, { kind: 'spans', nowMs: NOW_MS, spans: [ended] });
  }
  await commit(running, { kind: 'settle', nowMs: NOW_MS + 60_000 });
  await running.store.close();
  const [row] = await read(directory);
  // The deviation of 600 thirds is 12, and the ids are the same each time.
  for (const count of [row?.calls, row?.tasks]) expect(Math.abs((count ?? 0) - 2_000)).toBeLessThan(36);
});

it('rolls hours up into days and days into months, forgets what is too old, and keeps the sum until then', async () => {
  const running = await open(new MemoryDisk(), directory);
  const dear = 9e15;
  for (let day = 0; day < 60; day += 1) {
    const endMs = NOW_MS + day * DAY_MS;
    const nowMs = NOW_MS + 60 * DAY_MS;
    // Sums go beyond what a 64-bit integer of pico-USD can hold.
    const calls = Array.from({ length: 40 }, () => call({ endMs, costPicoUsd: dear }));
    await commit(running, spans(nowMs, ...calls));
  }
  const picoUsd = 60n * 40n * BigInt(dear);
  expect(picoUsd).toBeGreaterThan(2n ** 63n);
  await running.store.flushLedger();
  const byHour = await read(directory, { by: ['hour'] });
  expect([byHour.length, (await read(directory))[0]?.costPicoUsd]).toEqual([60, picoUsd]);
  running.ledger.retention = { hoursMs: 10 * DAY_MS, daysMs: 30 * DAY_MS, monthsMs: 1_000 * DAY_MS };
  running.ledger.rollUp(NOW_MS + 70 * DAY_MS);
  const [total] = await read(directory);
  expect([total?.costPicoUsd, total?.calls]).toEqual([picoUsd, 2_400]);
  const months = (await read(directory, { by: ['month'] })).map(({ labels, calls }) => [labels.month, calls]);
  expect(months.sort()).toEqual([
    ['2026-11', 9 * 40],
    ['2026-12', 31 * 40],
    ['2027-01', 20 * 40],
  ]);
  running.ledger.retention = { hoursMs: DAY_MS, daysMs: DAY_MS, monthsMs: DAY_MS };
  running.ledger.rollUp(NOW_MS + 1_000 * DAY_MS);
  expect(await read(directory, { by: ['month'] })).toEqual([]);
  await running.store.close();
});

it('shows corrections beside what was booked, and the same run a second time replaces the first', async () => {
  const running = await open(new MemoryDisk(), directory);
  await commit(running, spans(NOW_MS, call()));
  await running.store.flushLedger();
  const database = openLedgerToWrite(directory);
  for (const costPicoUsd of [7n, -3_000_001n]) {
    writeCorrections(database, {
      run: 'reprice-1',
      madeAtMs: NOW_MS,
      reason: 'a price was wrong',
      corrections: [{ startMs: NOW_MS, labels: { model: 'gpt-5' }, listPicoUsd: 1n, costPicoUsd }],
    });
  }
  database.close();
  const rows = await read(directory, { by: ['model'] });
  expect(rows).toMatchObject([
    {
      labels: { model: 'gpt-5' },
      costPicoUsd: 10_000_000_000n,
      costCorrectionPicoUsd: -3_000_001n,
      listCorrectionPicoUsd: 1n,
    },
  ]);
  await running.store.close();
});

it('begins anew where it was taken away, with what is open, and refuses one that belongs to another log', async () => {
  const disk = new MemoryDisk();
  const running = await open(disk, directory);
  await commit(running, spans(NOW_MS, call({ task: { id: 't1', name: 'resolve' } }), call()));
  await running.store.close();
  const other = mkdtempSync(join(directory, 'other-'));
  const anew = await open(disk, other);
  await commit(anew, { kind: 'settle', nowMs: NOW_MS + DAY_MS });
  await anew.store.close();
  const rows = (await read(other, { by: ['outcome'] })).filter(({ calls }) => calls > 0);
  expect(rows.map(({ labels, costPicoUsd }) => [labels.outcome, costPicoUsd])).toEqual([
    ['unknown', 10_000_000_000n],
  ]);
  await expect(open(new MemoryDisk(), other)).rejects.toMatchObject({ code: 'COSTSPAN_LEDGER_MISMATCH' });
  await expect(open(disk, directory)).rejects.toMatchObject({ code: 'COSTSPAN_LEDGER_MISMATCH' });
});
