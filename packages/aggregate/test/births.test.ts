import { expect, it } from 'vitest';
import { Aggregate, renderMetrics } from '../src/index.ts';
import { call, NOW_MS, nonZero, parseExposition, sum, task } from './records.ts';

const scrape = async (aggregate: Aggregate, nowMs: number) =>
  parseExposition(await renderMetrics(aggregate, nowMs, { isScrape: true }));

it('shows every counter at 0 before its first amount, and the sums of each scrape agree', async () => {
  const aggregate = new Aggregate({ settleQuietMs: 1_000 });
  const known = new Set<string>();
  const check = async (nowMs: number) => {
    const samples = await scrape(aggregate, nowMs);
    for (const [name, value] of samples) {
      if (!/^llm_\w+(_total|_count|_bucket|_sum)\{/.test(name) || known.has(name)) continue;
      known.add(name);
      expect(`${name} ${value}`).toBe(`${name} 0`);
    }
    const settled = sum(samples, 'llm_task_cost_usd_total');
    const unsettled = sum(samples, 'llm_task_unsettled_cost_usd');
    expect(sum(samples, 'llm_cost_usd_total')).toBeCloseTo(settled + unsettled, 12);
    return samples;
  };
  const ofTask = (id: string) => ({ task: { id, name: 'resolve' } });
  await check(NOW_MS);
  aggregate.recordCall(call(ofTask('t1')), NOW_MS);
  aggregate.recordTask(task({ outcome: 'success' }), NOW_MS);
  await check(NOW_MS + 100);
  await check(NOW_MS + 200);
  // A model, a feature and a task that are new while others are known.
  aggregate.recordCall(call({ ...ofTask('t2'), model: 'claude', feature: 'search' }), NOW_MS + 300);
  aggregate.recordCall(call({ ...ofTask('t1'), status: 'error' }), NOW_MS + 300);
  aggregate.recordOutcome({ taskId: 't2', outcome: 'failure' }, NOW_MS + 300);
  await check(NOW_MS + 400);
  await check(NOW_MS + 5_000);
  // After they settled: a new verdict on one of them, more cost for both.
  aggregate.recordOutcome({ taskId: 't2', outcome: 'success' }, NOW_MS + 6_000);
  aggregate.recordCall(call({ ...ofTask('t2'), model: 'claude', feature: 'search' }), NOW_MS + 6_000);
  await check(NOW_MS + 7_000);
  const last = await check(NOW_MS + 8_000);
  expect(sum(last, 'llm_cost_usd_total')).toBeCloseTo(0.04, 12);
  expect(nonZero(last, 'llm_tasks_reclassified_total')).toEqual({
    '{feature="search",task="resolve",from="failure",to="success"}': 1,
  });
});

it('does not wait where nobody has scraped, and a look at the page is no scrape', async () => {
  const aggregate = new Aggregate();
  await renderMetrics(aggregate, NOW_MS);
  aggregate.recordCall(call(), NOW_MS);
  expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 10_000_000_000n, heldPicoUsd: 0n });
});

it('does not wait for a scraper that comes no more', () => {
  const aggregate = new Aggregate({ maxHoldMs: 60_000 });
  aggregate.markScraped(NOW_MS);
  aggregate.recordCall(call(), NOW_MS);
  aggregate.settle(NOW_MS + 59_999);
  expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 0n, heldPicoUsd: 10_000_000_000n });
  aggregate.settle(NOW_MS + 60_000);
  expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 10_000_000_000n, heldPicoUsd: 0n });
  aggregate.recordCall(call(), NOW_MS + 60_001);
  expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 20_000_000_000n, heldPicoUsd: 0n });
});

it('holds no more records than its limit', () => {
  const aggregate = new Aggregate({ maxHeld: 2 });
  aggregate.markScraped(NOW_MS);
  for (const model of ['a', 'b', 'c']) aggregate.recordCall(call({ model }), NOW_MS);
  expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 10_000_000_000n, heldPicoUsd: 20_000_000_000n });
  // A series that was given up on makes nobody wait again.
  aggregate.recordCall(call({ model: 'a' }), NOW_MS);
  expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 20_000_000_000n, heldPicoUsd: 20_000_000_000n });
});

it.each([3_600_000, -3_600_000])('waits as long as before when the clock is set by %i ms', (byMs) => {
  const aggregate = new Aggregate({ maxHoldMs: 60_000 });
  aggregate.markScraped(NOW_MS);
  aggregate.recordCall(call(), NOW_MS);
  aggregate.shiftClock(byMs);
  const nowMs = NOW_MS + byMs;
  aggregate.settle(nowMs + 59_999);
  // Somebody still scrapes: a new series waits too.
  aggregate.recordCall(call({ model: 'new' }), nowMs + 59_999);
  expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 0n, heldPicoUsd: 20_000_000_000n });
  aggregate.settle(nowMs + 60_000);
  expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 10_000_000_000n, heldPicoUsd: 10_000_000_000n });
});
