import { Aggregate, type AggregateOptions, renderMetrics } from '@costspan/aggregate';
import { OutcomeRules } from '@costspan/config';
import { expect, it } from 'vitest';
import { call, createRandom, NOW_MS, task } from '../../aggregate/test/records.ts';
import { printParts } from './histories.ts';

const judge = new OutcomeRules([
  { when: { repeated_within: 400 }, is: 'failure' },
  { when: { 'http.status_code': ['2xx'] }, is: 'success' },
]);
/** The same behind one that nothing here meets: their bits are others. */
const moved = new OutcomeRules([
  { when: { 'tool.error': ['*'] }, is: 'abandoned' },
  { when: { repeated_within: 400 }, is: 'failure' },
  { when: { 'http.status_code': ['2xx'] }, is: 'success' },
]);
const OPTIONS: Partial<AggregateOptions> = {
  settleAfterMs: 3_000,
  settleQuietMs: 400,
  seriesPerMetric: 12,
  openTasks: 15,
  settledTasks: 20,
  maxHoldMs: 2_000,
  maxHeld: 8,
  tenants: { allow: ['acme'], top: 1 },
  budgets: [{ name: 'all', match: {}, limitPicoUsd: 10n, period: 'day', timezone: 'UTC' }],
  judge,
};
const OUTCOMES = ['success', 'failure', 'abandoned'] as const;

/** One thing that happens, as a function of the aggregate, so that it can happen to two of them. */
function createEvent(
  random: () => number,
): (aggregate: Aggregate, nowMs: number, rules: OutcomeRules) => void {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!;
  const id = `task-${Math.floor(random() * 40)}`;
  const endMs = NOW_MS + Math.floor(random() * 86_400_000 * 2);
  const feature = pick(['chat', 'search', 'triage']);
  const tenant = pick(['acme', 'bolt', 'core', '']);
  switch (Math.floor(random() * 8)) {
    case 0:
      return (aggregate) => aggregate.markScraped(NOW_MS + Math.floor(endMs / 1e9));
    case 1: {
      const outcome = pick(OUTCOMES);
      return (aggregate, nowMs) => aggregate.recordOutcome({ taskId: id, outcome }, nowMs);
    }
    case 2: {
      const parentId = `task-${Math.floor(random() * 40)}`;
      const record = task({ id, feature, endMs, startMs: endMs - 50, sessionId: `s${tenant}`, parentId });
      return (aggregate, nowMs, rules) => {
        const evidence = rules.read({ subject: 'task', facts: { 'http.status_code': 200 } });
        aggregate.recordTask({ ...record, evidence }, nowMs);
      };
    }
    case 3:
      return (aggregate, nowMs) => aggregate.settle(nowMs);
    default: {
      const made = call({
        feature,
        tenant,
        endMs,
        status: pick(['ok', 'ok', 'error', 'aborted'] as const),
        costPicoUsd: Math.floor(random() * 9e12),
        cacheSavingsPicoUsd: Math.floor((random() - 0.5) * 1e9),
        timeToFirstChunkSeconds: random(),
        ...(random() < 0.5 ? { requestDigest: pick(['a', 'b']) } : {}),
        ...(random() < 0.8 ? { task: { id, name: pick(['resolve', 'sum']) } } : {}),
      });
      return (aggregate, nowMs) => aggregate.recordCall(made, nowMs);
    }
  }
}

/** Compared as texts, one for each series, task and held record. */
const print = (aggregate: Aggregate): string[] => printParts([...aggregate.readState()]);

it.each([1, 2, 3, 4, 5, 6])(
  'goes on after a restart as if there had been none, at every step (seed %i)',
  async (seed) => {
    const random = createRandom(seed);
    const steady = new Aggregate(OPTIONS);
    let restarted = new Aggregate(OPTIONS);
    let nowMs = NOW_MS;
    for (let step = 0; step < 400; step += 1) {
      nowMs += Math.floor(random() * 200);
      const event = createEvent(random);
      event(steady, nowMs, judge);
      restarted = Aggregate.restore(structuredClone([...restarted.readState()]), OPTIONS);
      event(restarted, nowMs, judge);
      expect(print(restarted)).toEqual(print(steady));
      expect(restarted.totals()).toEqual(steady.totals());
    }
    nowMs += 86_400_000;
    expect(await renderMetrics(restarted, nowMs)).toBe(await renderMetrics(steady, nowMs));
    expect(steady.totals().callsPicoUsd).toBeGreaterThan(0n);
  },
);

it.each([1, 2, 3, 4, 5, 6])(
  'goes on after reloads as if there had been none, also of rules that are written otherwise and of a state that is being kept (seed %i)',
  async (seed) => {
    const random = createRandom(seed);
    const steady = new Aggregate(OPTIONS);
    let reloaded = new Aggregate(OPTIONS);
    let rules = judge;
    let nowMs = NOW_MS;
    for (let step = 0; step < 400; step += 1) {
      nowMs += Math.floor(random() * 200);
      const event = createEvent(random);
      const [kept, parts] = [print(reloaded), reloaded.readState()];
      event(steady, nowMs, judge);
      const from = rules;
      if (random() < 0.5) rules = rules === judge ? moved : judge;
      const translate = (bits: bigint) => rules.translate(bits, from);
      reloaded = reloaded.under({ ...OPTIONS, judge: rules }, rules === from ? undefined : translate);
      event(reloaded, nowMs, rules);
      expect(printParts([...parts])).toEqual(kept);
      if (rules === judge) expect(print(reloaded)).toEqual(print(steady));
      expect(reloaded.totals()).toEqual(steady.totals());
    }
    nowMs += 86_400_000;
    expect(await renderMetrics(reloaded, nowMs)).toBe(await renderMetrics(steady, nowMs));
    expect(steady.totals().callsPicoUsd).toBeGreaterThan(0n);
  },
);

it('keeps deadlines when the clock is set', () => {
  const aggregate = new Aggregate(OPTIONS);
  aggregate.recordCall(call({ task: { id: 't', name: 'resolve' } }), NOW_MS);
  const DAY_MS = 86_400_000;
  aggregate.shiftClock(DAY_MS);
  expect(aggregate.isDue(NOW_MS + DAY_MS + 2_999)).toBe(false);
  aggregate.settle(NOW_MS + DAY_MS + 2_999);
  expect(aggregate.openTasks).toBe(1);
  expect(aggregate.isDue(NOW_MS + DAY_MS + 3_000)).toBe(true);
  aggregate.settle(NOW_MS + DAY_MS + 3_000);
  expect(aggregate.openTasks).toBe(0);
});

it('judges open tasks by other rules after they changed, and leaves what has settled', () => {
  const before = new Aggregate(OPTIONS);
  const evidence = judge.read({ subject: 'task', facts: { 'http.status_code': 200 } });
  before.recordTask(task({ id: 'settled', evidence }), NOW_MS);
  before.settle(NOW_MS + 400);
  before.recordTask(task({ id: 'open', evidence }), NOW_MS + 400);
  const rules = new OutcomeRules([{ when: { 'http.status_code': ['2xx'] }, is: 'abandoned' }]);
  const after = before.under({ ...OPTIONS, judge: rules }, (bits) => rules.translate(bits, judge));
  const [open, settled] = ['open', 'settled'].map((id) => after.findTask(id));
  expect([open?.outcome, open?.settledAs]).toEqual(['abandoned', undefined]);
  expect([settled?.outcome, settled?.settledAs]).toEqual(['success', 'success']);
});
