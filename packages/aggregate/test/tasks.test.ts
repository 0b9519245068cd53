import { describe, expect, it } from 'vitest';
import { Aggregate, type OutcomeJudge, renderMetrics, type TaskRecord } from '../src/index.ts';
import { call, createRandom, NOW_MS, nonZero, parseExposition, task, USD } from './records.ts';

const T1 = { task: { id: 't1', name: 'resolve' } };
const LABELS = 'service="shop",environment="prod",feature="chat",task="resolve",user_tier="free"';
/** Without the wait for a scrape: births.test.ts has that. */
const create = () => new Aggregate({ settleQuietMs: 5_000, settleAfterMs: 600_000 });

async function read(aggregate: Aggregate, nowMs: number, metrics: readonly string[]) {
  const samples = parseExposition(await renderMetrics(aggregate, nowMs));
  return Object.assign({}, ...metrics.map((metric) => prefix(metric, nonZero(samples, metric)))) as Record<
    string,
    number
  >;
}
const prefix = (metric: string, found: Record<string, number>) =>
  Object.fromEntries(Object.entries(found).map(([labels, value]) => [metric + labels, value]));
const TASK_METRICS = [
  'llm_task_cost_usd_total',
  'llm_tasks_total',
  'llm_task_unsettled_cost_usd',
  'llm_tasks_unsettled',
];

it('keeps the cost of a task unsettled until it has an outcome and its spans are quiet', async () => {
  const aggregate = create();
  aggregate.recordCall(call(T1), NOW_MS);
  aggregate.recordTask(task({ outcome: 'success', outcomeSource: 'api' }), NOW_MS + 1_000);
  expect(await read(aggregate, NOW_MS + 5_999, TASK_METRICS)).toEqual({
    'llm_task_unsettled_cost_usd{feature="chat",task="resolve"}': 0.01,
    'llm_tasks_unsettled{feature="chat",task="resolve"}': 1,
  });
  expect(await read(aggregate, NOW_MS + 6_000, TASK_METRICS)).toEqual({
    [`llm_task_cost_usd_total{${LABELS},outcome="success"}`]: 0.01,
    [`llm_tasks_total{${LABELS},outcome="success"}`]: 1,
  });
});

it('takes the labels of the first call that names a feature where its own span names none, in whatever order', async () => {
  const defaultFeature = 'unattributed';
  const bare = { feature: defaultFeature, userTier: '' };
  const arrivals = [
    (to: Aggregate) => to.recordCall(call({ ...T1, ...bare, endMs: NOW_MS - 3_000 }), NOW_MS),
    (to: Aggregate) => to.recordCall(call({ ...T1, endMs: NOW_MS - 2_000 }), NOW_MS),
    (to: Aggregate) => to.recordCall(call({ ...T1, feature: 'later', endMs: NOW_MS - 1_000 }), NOW_MS),
    (to: Aggregate) => to.recordCall(call({ task: { id: 't1', name: '' }, endMs: NOW_MS - 4_000 }), NOW_MS),
    (to: Aggregate) => to.recordTask(task({ ...bare, outcome: 'success' }), NOW_MS),
  ];
  for (let seed = 1; seed <= 30; seed += 1) {
    const random = createRandom(seed);
    let aggregate = new Aggregate({ settleQuietMs: 5_000, defaultFeature });
    for (const arrive of [...arrivals].sort(() => random() - 0.5)) {
      arrive(aggregate);
      if (random() < 0.3) aggregate = Aggregate.restore([...aggregate.readState()], { defaultFeature });
    }
    expect(await read(aggregate, NOW_MS + 5_000, TASK_METRICS), `seed ${seed}`).toEqual({
      [`llm_task_cost_usd_total{${LABELS},outcome="success"}`]: 0.04,
      [`llm_tasks_total{${LABELS},outcome="success"}`]: 1,
    });
  }
});

it('takes the labels of its own span where that names a feature, whatever its calls name', async () => {
  const aggregate = new Aggregate({ settleQuietMs: 5_000, defaultFeature: 'unattributed' });
  aggregate.recordTask(task({ outcome: 'success' }), NOW_MS);
  aggregate.recordCall(call({ ...T1, feature: 'rerank', endMs: NOW_MS - 1_000 }), NOW_MS);
  expect(await read(aggregate, NOW_MS + 5_000, ['llm_tasks_total'])).toEqual({
    [`llm_tasks_total{${LABELS},outcome="success"}`]: 1,
  });
});

it('settles a task without an outcome as unknown at the deadline after its last span', async () => {
  const aggregate = create();
  aggregate.recordCall(call(T1), NOW_MS);
  aggregate.recordCall(call(T1), NOW_MS + 400_000);
  expect(await read(aggregate, NOW_MS + 999_999, ['llm_tasks_total'])).toEqual({});
  expect(await read(aggregate, NOW_MS + 1_000_000, ['llm_tasks_total', 'llm_task_cost_usd_total'])).toEqual({
    [`llm_tasks_total{${LABELS},outcome="unknown"}`]: 1,
    [`llm_task_cost_usd_total{${LABELS},outcome="unknown"}`]: 0.02,
  });
});

it('counts a task that made no call, and one whose calls have no price', async () => {
  const aggregate = create();
  aggregate.recordTask(task({ outcome: 'success' }), NOW_MS);
  const { costPicoUsd: _, ...unpriced } = call({ task: { id: 't2', name: 'resolve' } });
  aggregate.recordCall({ ...unpriced, unpricedReason: 'unknown_model' }, NOW_MS);
  aggregate.recordTask(task({ id: 't2', outcome: 'failure' }), NOW_MS);
  expect(
    await read(aggregate, NOW_MS + 5_000, [
      ...TASK_METRICS,
      'llm_cost_per_task_usd_count',
      'llm_unpriced_calls_total',
    ]),
  ).toEqual({
    [`llm_tasks_total{${LABELS},outcome="success"}`]: 1,
    [`llm_tasks_total{${LABELS},outcome="failure"}`]: 1,
    'llm_cost_per_task_usd_count{feature="chat",task="resolve",outcome="success"}': 1,
    'llm_cost_per_task_usd_count{feature="chat",task="resolve",outcome="failure"}': 1,
    'llm_unpriced_calls_total{service="shop",provider="openai",model="gpt-5",reason="unknown_model"}': 1,
  });
});

it('books cost that comes after settling to the same outcome', async () => {
  const aggregate = create();
  aggregate.recordTask(task({ outcome: 'success' }), NOW_MS);
  aggregate.settle(NOW_MS + 5_000);
  aggregate.recordCall(call(T1), NOW_MS + 3_600_000);
  expect(await read(aggregate, NOW_MS + 3_600_000, TASK_METRICS)).toEqual({
    [`llm_task_cost_usd_total{${LABELS},outcome="success"}`]: 0.01,
    [`llm_tasks_total{${LABELS},outcome="success"}`]: 1,
  });
});

it('reclassifies a settled task on a later verdict, and its later cost with it', async () => {
  const aggregate = create();
  aggregate.recordCall(call(T1), NOW_MS);
  aggregate.recordTask(task({ outcome: 'success', outcomeSource: 'http' }), NOW_MS);
  aggregate.settle(NOW_MS + 5_000);
  aggregate.recordOutcome({ taskId: 't1', outcome: 'failure' }, NOW_MS + 86_400_000);
  aggregate.recordCall(call(T1), NOW_MS + 86_400_001);
  const metrics = [
    ...TASK_METRICS,
    'llm_tasks_reclassified_total',
    'llm_task_reclassified_cost_usd_total',
    'llm_wasted_cost_usd_total',
  ];
  expect(await read(aggregate, NOW_MS + 86_400_002, metrics)).toEqual({
    [`llm_task_cost_usd_total{${LABELS},outcome="success"}`]: 0.02,
    [`llm_tasks_total{${LABELS},outcome="success"}`]: 1,
    'llm_tasks_reclassified_total{feature="chat",task="resolve",from="success",to="failure"}': 1,
    'llm_task_reclassified_cost_usd_total{feature="chat",task="resolve",from="success",to="failure"}': 0.02,
    'llm_wasted_cost_usd_total{feature="chat",reason="failed_task"}': 0.02,
  });
});

it.each(['forward', 'backward'])('lets the stated outcome win over a status code, told %s', async (order) => {
  const aggregate = create();
  const tell = [
    () => aggregate.recordOutcome({ taskId: 't1', outcome: 'failure' }, NOW_MS),
    () =>
      aggregate.recordTask(task({ outcome: 'success', outcomeSource: 'http', endMs: NOW_MS + 1 }), NOW_MS),
  ];
  for (const say of order === 'forward' ? tell : tell.reverse()) say();
  expect(await read(aggregate, NOW_MS + 5_000, ['llm_tasks_total'])).toEqual({
    [`llm_tasks_total{${LABELS},outcome="failure"}`]: 1,
  });
});

it.each(['before', 'after'])(
  'takes an outcome that knows the task by its id alone, %s the calls',
  async (when) => {
    const aggregate = create();
    const told = {
      ...task({ name: '', feature: 'unattributed', service: 'other-process' }),
      outcome: 'failure',
    } as const;
    if (when === 'before') aggregate.recordTask(told, NOW_MS);
    aggregate.recordCall(call(T1), NOW_MS);
    if (when === 'after') aggregate.recordTask(told, NOW_MS);
    expect(await read(aggregate, NOW_MS + 5_000, ['llm_tasks_total', 'llm_task_cost_usd_total'])).toEqual({
      [`llm_tasks_total{${LABELS},outcome="failure"}`]: 1,
      [`llm_task_cost_usd_total{${LABELS},outcome="failure"}`]: 0.01,
    });
  },
);

it('keeps an outcome of an unknown task until the deadline and then counts it as unmatched', async () => {
  const aggregate = create();
  aggregate.recordOutcome({ taskId: 'early', outcome: 'success' }, NOW_MS);
  aggregate.recordOutcome({ taskId: 'nobody', outcome: 'success' }, NOW_MS);
  aggregate.recordTask(task({ id: 'early' }), NOW_MS + 1_000);
  expect(await read(aggregate, NOW_MS + 600_000, ['llm_tasks_total'])).toEqual({
    [`llm_tasks_total{${LABELS},outcome="success"}`]: 1,
  });
  expect([aggregate.unmatchedOutcomes, aggregate.openTasks]).toEqual([1, 0]);
});

it('puts the same money under one reason of waste only', async () => {
  const aggregate = create();
  aggregate.recordCall(call({ ...T1, status: 'error', costPicoUsd: 1 * USD }), NOW_MS);
  aggregate.recordCall(call({ ...T1, status: 'aborted', costPicoUsd: 2 * USD }), NOW_MS);
  aggregate.recordCall(call({ ...T1, costPicoUsd: 4 * USD }), NOW_MS);
  aggregate.recordTask(task({ outcome: 'abandoned' }), NOW_MS);
  aggregate.settle(NOW_MS + 5_000);
  aggregate.recordOutcome({ taskId: 't1', outcome: 'failure' }, NOW_MS + 6_000);
  aggregate.recordCall(call({ ...T1, status: 'error', costPicoUsd: 8 * USD }), NOW_MS + 7_000);
  expect(await read(aggregate, NOW_MS + 8_000, ['llm_wasted_cost_usd_total'])).toEqual({
    'llm_wasted_cost_usd_total{feature="chat",reason="error_call"}': 9,
    'llm_wasted_cost_usd_total{feature="chat",reason="aborted_stream"}': 2,
    'llm_wasted_cost_usd_total{feature="chat",reason="abandoned_task"}': 4,
  });
});

describe('settled tasks beyond the limit are forgotten', () => {
  const SERIES = [
    'llm_tasks_total',
    'llm_task_cost_usd_total',
    'llm_tasks_reclassified_total',
    'llm_tasks_unsettled',
  ];
  const succeed = (aggregate: Aggregate, id: string, nowMs: number): void => {
    aggregate.recordCall(call({ task: { id, name: 'resolve' }, costPicoUsd: 1 * USD }), nowMs);
    aggregate.recordTask(task({ id, outcome: 'success', endMs: nowMs }), nowMs);
    aggregate.settle(nowMs + 5_000);
  };

  it('with a limit of 0 each at once: late cost is a task of its own, a late outcome moves nothing', async () => {
    const aggregate = new Aggregate({ settledTasks: 0 });
    succeed(aggregate, 't1', NOW_MS);
    expect([[...aggregate.tasks], aggregate.work.tasksForgotten]).toEqual([[], 1]);
    aggregate.recordCall(call({ ...T1, costPicoUsd: 2 * USD }), NOW_MS + 6_000);
    aggregate.settle(NOW_MS + 606_000);
    aggregate.recordOutcome({ taskId: 't1', outcome: 'failure' }, NOW_MS + 607_000);
    expect(await read(aggregate, NOW_MS + 1_207_000, SERIES)).toEqual({
      [`llm_tasks_total{${LABELS},outcome="success"}`]: 1,
      [`llm_task_cost_usd_total{${LABELS},outcome="success"}`]: 1,
      [`llm_tasks_total{${LABELS},outcome="unknown"}`]: 1,
      [`llm_task_cost_usd_total{${LABELS},outcome="unknown"}`]: 2,
    });
    expect([aggregate.unmatchedOutcomes, aggregate.work.tasksForgotten]).toEqual([1, 2]);
  });

  it('the oldest first, and all that are too many where the limit has become lower', () => {
    const before = new Aggregate({ settledTasks: 3 });
    for (const [index, id] of ['a', 'b', 'c', 'd'].entries()) succeed(before, id, NOW_MS + index * 10_000);
    expect([...before.tasks].map(({ id }) => id)).toEqual(['b', 'c', 'd']);
    const after = Aggregate.restore([...before.readState()], { settledTasks: 1 });
    succeed(after, 'e', NOW_MS + 50_000);
    expect([...after.tasks].map(({ id }) => id)).toEqual(['e']);
    expect(after.totals()).toMatchObject({ callsPicoUsd: BigInt(5 * USD), settledPicoUsd: BigInt(5 * USD) });
  });
});

it('settles the quietest task when more are open than its limit', async () => {
  const aggregate = new Aggregate({ openTasks: 2 });
  for (const id of ['a', 'b', 'c']) aggregate.recordCall(call({ task: { id, name: 'resolve' } }), NOW_MS);
  expect(aggregate.openTasks).toBe(2);
  expect(aggregate.totals()).toEqual({
    callsPicoUsd: 30_000_000_000n,
    settledPicoUsd: 10_000_000_000n,
    unsettledPicoUsd: 20_000_000_000n,
    untaskedPicoUsd: 0n,
    heldPicoUsd: 0n,
  });
});

describe('what only the last call shows', () => {
  const judge: OutcomeJudge = {
    repeatedWithinMs: 0,
    attributeNames: new Set(),
    asks: () => true,
    read: () => 0n,
    decide: (bits) => (bits === 0n ? undefined : { outcome: bits & 2n ? 'failure' : 'success', rule: 0 }),
  };
  const shown = (bits: bigint, endMs: number) => ({
    call: call({ ...T1, endMs }),
    evidence: { bits: 0n, lastBits: bits },
  });
  it.each([
    ['of two that end at once both, in any order', [shown(1n, NOW_MS), shown(2n, NOW_MS)], 'failure'],
    ['of two after each other the later one', [shown(2n, NOW_MS), shown(1n, NOW_MS + 1)], 'success'],
  ] as const)('%s', (_, calls, outcome) => {
    for (const arriving of [calls, calls.toReversed()]) {
      const aggregate = new Aggregate({ judge, settleQuietMs: 0 });
      for (const { call: made, evidence } of arriving)
        aggregate.recordCall({ ...made, evidence }, NOW_MS + 1);
      aggregate.recordTask(task(), NOW_MS + 2);
      aggregate.settle(NOW_MS + 3);
      expect([...aggregate.tasks].map(({ settledAs }) => settledAs)).toEqual([outcome]);
    }
  });
});

describe('what was said of a task', () => {
  /** Rules by which every task fails. */
  const judge: OutcomeJudge = {
    repeatedWithinMs: 0,
    attributeNames: new Set(),
    asks: () => true,
    read: () => 0n,
    decide: () => ({ outcome: 'failure', rule: 0 }),
  };
  const settleAs = (...said: readonly Partial<TaskRecord>[]) => {
    const aggregate = new Aggregate({ judge, settleQuietMs: 0 });
    aggregate.recordCall({ ...call(T1), evidence: { bits: 1n, lastBits: 0n } }, NOW_MS);
    for (const one of said) aggregate.recordTask(task(one), NOW_MS);
    aggregate.settle(NOW_MS + 1);
    return [...aggregate.tasks].map(({ settledAs }) => settledAs);
  };

  it.each([
    ['api', 'success'],
    ['feedback', 'success'],
    ['evaluation', 'success'],
    ['exception', 'failure'],
    ['http', 'failure'],
    ['job', 'failure'],
    ['timeout', 'failure'],
  ] as const)('by %s stands against a rule by which it failed: %s', (outcomeSource, expected) => {
    expect(settleAs({ outcome: 'success', outcomeSource })).toEqual([expected]);
  });

  it('first by the application, then by people, then by an evaluator, whatever came later', () => {
    const sources = ['api', 'feedback', 'evaluation'] as const;
    for (const [rank, stronger] of sources.entries())
      for (const weaker of sources.slice(rank + 1)) {
        const said = [
          { outcome: 'abandoned', outcomeSource: stronger, endMs: NOW_MS - 10 },
          { outcome: 'success', outcomeSource: weaker, endMs: NOW_MS },
        ] as const;
        for (const arriving of [said, said.toReversed()])
          expect(settleAs(...arriving), `${stronger} against ${weaker}`).toEqual(['abandoned']);
      }
  });

  it.each([
    ['the later one', { endMs: NOW_MS, outcome: 'success' }, { endMs: NOW_MS - 1, outcome: 'failure' }],
    ['the worse one of the same instant', { outcome: 'failure' }, { outcome: 'abandoned' }],
    ['the worse one of the same instant', { outcome: 'abandoned' }, { outcome: 'success' }],
  ] as const)('by one source: %s', (_, wins, loses) => {
    const said = [wins, loses].map((one) => ({ outcomeSource: 'api', ...one }) as const);
    for (const arriving of [said, said.toReversed()]) expect(settleAs(...arriving)).toEqual([wins.outcome]);
  });
});
