import { expect, it } from 'vitest';
import { Aggregate, renderMetrics } from '../src/index.ts';
import { call, NOW_MS, nonZero, parseExposition, task, USD } from './records.ts';

const of = (id: string, name = 'resolve') => ({ task: { id, name } });
const read = async (aggregate: Aggregate, metric: string) =>
  nonZero(parseExposition(await renderMetrics(aggregate, NOW_MS + 3_600_000)), metric);

/** A ticket with a search in it, and in that a ranking. */
const STEPS = [
  (aggregate: Aggregate) => aggregate.recordCall(call({ ...of('ticket'), costPicoUsd: 1 * USD }), NOW_MS),
  (aggregate: Aggregate) =>
    aggregate.recordCall(call({ ...of('search', 'search'), costPicoUsd: 2 * USD }), NOW_MS),
  (aggregate: Aggregate) =>
    aggregate.recordCall(call({ ...of('rank', 'rank'), costPicoUsd: 4 * USD }), NOW_MS),
  (aggregate: Aggregate) =>
    aggregate.recordTask(task({ id: 'rank', name: 'rank', parentId: 'search', outcome: 'success' }), NOW_MS),
  (aggregate: Aggregate) =>
    aggregate.recordTask(
      task({ id: 'search', name: 'search', parentId: 'ticket', outcome: 'failure' }),
      NOW_MS,
    ),
  (aggregate: Aggregate) => aggregate.recordTask(task({ id: 'ticket', outcome: 'success' }), NOW_MS),
];

it.each(['forward', 'backward'])(
  'counts a call once, and rolls it up to the tasks around it, told %s',
  async (order) => {
    const aggregate = new Aggregate();
    for (const step of order === 'forward' ? STEPS : [...STEPS].reverse()) step(aggregate);
    const labels = (name: string, outcome: string) =>
      `{service="shop",environment="prod",feature="chat",task="${name}",user_tier="free",outcome="${outcome}"}`;
    expect(await read(aggregate, 'llm_task_cost_usd_total')).toEqual({
      [labels('resolve', 'success')]: 1,
      [labels('search', 'failure')]: 2,
      [labels('rank', 'success')]: 4,
    });
    expect(await read(aggregate, 'llm_cost_per_task_usd_sum')).toEqual({
      '{feature="chat",task="resolve",outcome="success"}': 7,
      '{feature="chat",task="search",outcome="failure"}': 6,
      '{feature="chat",task="rank",outcome="success"}': 4,
    });
    expect(aggregate.totals()).toMatchObject({
      callsPicoUsd: 7_000_000_000_000n,
      settledPicoUsd: 7_000_000_000_000n,
    });
  },
);

it('lets a task wait for the tasks inside it', async () => {
  const aggregate = new Aggregate({ settleQuietMs: 5_000 });
  aggregate.recordTask(task({ id: 'search', name: 'search', parentId: 'ticket' }), NOW_MS);
  aggregate.recordTask(task({ id: 'ticket', outcome: 'success' }), NOW_MS);
  aggregate.recordCall(call(of('search', 'search')), NOW_MS + 4_000);
  aggregate.settle(NOW_MS + 8_999);
  expect([...aggregate.tasks].map(({ settledAs }) => settledAs)).toEqual([undefined, undefined]);
  aggregate.settle(NOW_MS + 9_000);
  expect([...aggregate.tasks].find(({ id }) => id === 'ticket')?.settledAs).toBe('success');
});

it('takes a circle of tasks for none', () => {
  const aggregate = new Aggregate();
  for (const [id, parentId] of [
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'a'],
    ['a', 'a'],
  ] as const)
    aggregate.recordTask(task({ id, parentId }), NOW_MS);
  aggregate.recordCall(call({ ...of('a'), costPicoUsd: 1 }), NOW_MS);
  const rolled = [...aggregate.tasks].map(({ id, subTasksPicoUsd }) => [id, subTasksPicoUsd]);
  expect(new Map(rolled as [string, bigint][])).toEqual(
    new Map([
      ['a', 0n],
      ['b', 1n],
      ['c', 1n],
    ]),
  );
});

const SAME = { ...of('t1'), requestDigest: 'd1' };
const FIRST = call({ ...SAME, endMs: NOW_MS, costPicoUsd: 1 * USD });
const SECOND = call({ ...SAME, endMs: NOW_MS + 1, costPicoUsd: 2 * USD });
const THIRD = call({ ...SAME, endMs: NOW_MS + 2, costPicoUsd: 4 * USD });
const OTHERS = [
  call({ ...of('t1'), costPicoUsd: 8 * USD }),
  call({ ...of('t1'), requestDigest: 'd2', costPicoUsd: 16 * USD }),
  call({ ...SAME, model: 'gpt-5-mini', costPicoUsd: 32 * USD }),
  call({ ...SAME, status: 'error', costPicoUsd: 64 * USD }),
];

it.each([
  ['in order', [FIRST, SECOND, THIRD, ...OTHERS]],
  ['backward', [...OTHERS, THIRD, SECOND, FIRST]],
  ['mixed', [SECOND, ...OTHERS, THIRD, FIRST]],
])('takes all but the first of equal calls for waste, %s', async (_, calls) => {
  const aggregate = new Aggregate();
  for (const one of calls) aggregate.recordCall(one, NOW_MS);
  expect(await read(aggregate, 'llm_wasted_cost_usd_total')).toEqual({
    '{feature="chat",reason="duplicate_call"}': 6,
    '{feature="chat",reason="retried_call"}': 64,
  });
});

const FAILED = call({ ...SAME, status: 'error', endMs: NOW_MS - 2, costPicoUsd: 8 * USD });
const CUT_OFF = call({ ...SAME, status: 'aborted', endMs: NOW_MS - 1, costPicoUsd: 16 * USD });
const { costPicoUsd: _, ...UNPRICED } = call({ ...SAME, status: 'error', endMs: NOW_MS + 9 });
/** Without settling anything. */
const waste = async (aggregate: Aggregate) =>
  nonZero(parseExposition(await renderMetrics(aggregate, NOW_MS)), 'llm_wasted_cost_usd_total');
const settle = (aggregate: Aggregate) => aggregate.settle(NOW_MS + 3_600_000);

it.each([
  ['in order', [FAILED, CUT_OFF, FIRST], false],
  ['backward', [FIRST, CUT_OFF, FAILED], false],
  ['mixed', [CUT_OFF, FIRST, FAILED], false],
  ['with a restart at each step', [CUT_OFF, FAILED, FIRST], true],
])(
  'takes what failed or was broken off, and was asked again, for retried, %s',
  async (_, calls, restarts) => {
    let aggregate = new Aggregate();
    for (const one of calls) {
      aggregate.recordCall(one, NOW_MS);
      if (restarts) aggregate = Aggregate.restore([...aggregate.readState()], {});
    }
    const retried = { '{feature="chat",reason="retried_call"}': 24 };
    expect(await waste(aggregate)).toEqual(retried);
    settle(aggregate);
    expect(await waste(aggregate)).toEqual(retried);
  },
);

it('knows why the last of them is waste when the task settles, and what comes after that at once', async () => {
  let aggregate = new Aggregate();
  for (const one of [FAILED, CUT_OFF]) aggregate.recordCall(one, NOW_MS);
  aggregate.recordCall(call({ ...of('t1'), status: 'error', costPicoUsd: 32 * USD }), NOW_MS);
  aggregate = Aggregate.restore([...aggregate.readState()], {});
  const retried = { '{feature="chat",reason="retried_call"}': 8 };
  expect(await waste(aggregate)).toEqual({ ...retried, '{feature="chat",reason="error_call"}': 32 });
  aggregate.recordTask(task({ outcome: 'failure' }), NOW_MS);
  settle(aggregate);
  const cutOff = { '{feature="chat",reason="aborted_stream"}': 16 };
  expect(await waste(aggregate)).toEqual({
    ...retried,
    ...cutOff,
    '{feature="chat",reason="error_call"}': 32,
  });
  aggregate.recordCall(call({ ...SAME, status: 'error', costPicoUsd: 64 * USD }), NOW_MS + 3_600_001);
  expect(await waste(aggregate)).toEqual({
    ...retried,
    ...cutOff,
    '{feature="chat",reason="error_call"}': 96,
  });
});

it('a retry without a known cost is one, and costs nothing that is known', async () => {
  const aggregate = new Aggregate();
  for (const one of [UNPRICED, FAILED]) aggregate.recordCall(one, NOW_MS);
  expect(await waste(aggregate)).toEqual({ '{feature="chat",reason="retried_call"}': 8 });
});

it('takes nothing for retried in another task, nor what asks something else', async () => {
  const aggregate = new Aggregate();
  const others = [{ ...of('t2') }, { requestDigest: 'd2' }, { model: 'gpt-5-mini' }];
  for (const one of [FAILED, ...others.map((differs) => call({ ...SAME, ...differs }))])
    aggregate.recordCall(one, NOW_MS);
  settle(aggregate);
  expect(await waste(aggregate)).toEqual({ '{feature="chat",reason="error_call"}': 8 });
});

it('puts a duplicate of a failed task under one reason only', async () => {
  const aggregate = new Aggregate();
  for (const one of [FIRST, SECOND]) aggregate.recordCall(one, NOW_MS);
  aggregate.recordTask(task({ outcome: 'failure' }), NOW_MS);
  expect(await read(aggregate, 'llm_wasted_cost_usd_total')).toEqual({
    '{feature="chat",reason="duplicate_call"}': 2,
    '{feature="chat",reason="failed_task"}': 1,
  });
  aggregate.recordCall(THIRD, NOW_MS + 3_600_000);
  const wasted = Object.values(await read(aggregate, 'llm_wasted_cost_usd_total'));
  expect(wasted.reduce((sum, value) => sum + value, 0)).toBe(7);
});
