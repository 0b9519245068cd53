/** Calls that a gateway of one's own tells of what another service has sent to it. */
import { INSTRUMENTATION_SCOPE } from '@costspan/semconv';
import { expect, it } from 'vitest';
import { Aggregate, type CallRecord } from '../src/index.ts';
import { arrivalOf, arrive, CENT, callOf, id, TRACE } from './arrivals.ts';
import { NOW_MS } from './records.ts';

const asked = {
  emitter: INSTRUMENTATION_SCOPE,
  service: 'shop',
  feature: 'support',
  tenant: 'acme',
  task: { id: 't1', name: 'resolve' },
};
const told = {
  emitter: INSTRUMENTATION_SCOPE,
  service: 'gateway',
  feature: '/v1/chat/completions',
  userTier: '',
  tenant: '',
  seeksFeature: true,
  seeksTask: true,
} as const;
const caller = (differs: Partial<CallRecord> = {}) => callOf('c1', '', { ...asked, ...differs });
const part = (differs: Partial<CallRecord> = {}) =>
  callOf('p1', 'c1', { ...told, model: 'served', ...differs });

/** What is counted, by service, feature and model. */
function countAll(aggregate: Aggregate, ...calls: readonly CallRecord[]): readonly string[] {
  for (const one of calls) arrive(aggregate, [arrivalOf(one)]);
  return listCalls(aggregate);
}

const listCalls = (aggregate: Aggregate): readonly string[] =>
  aggregate.series
    .filter(({ definition }) => definition.name === 'llm_calls_total')
    .flatMap((set) => [...set.values()])
    .flatMap((series) => {
      const [service, , feature, , , model] = series.labels;
      const count = 'value' in series ? Number(series.value) : 0;
      return count === 0 ? [] : [`${count} ${service} ${feature} ${model}`];
    });

it('counts once, whoever comes first, for whom it was', () => {
  expect(countAll(new Aggregate(), caller(), part())).toEqual(['1 shop support gpt-5']);
  expect(countAll(new Aggregate(), part())).toEqual([]);
  const aggregate = new Aggregate();
  expect(countAll(aggregate, part(), caller())).toEqual(['1 shop support served']);
  expect(aggregate.findTask('t1')?.costPicoUsd).toBe(CENT);
  expect(aggregate.totals()).toMatchObject({ callsPicoUsd: CENT, heldPicoUsd: 0n, untaskedPicoUsd: 0n });
});

it('counts each that a gateway has made for one, and none that tells less', () => {
  const failed = part({ spanId: id('p2') });
  const aggregate = new Aggregate();
  expect(countAll(aggregate, part(), failed, caller())).toEqual(['2 shop support served']);
  const { tokens: _, costPicoUsd: __, ...bare } = part();
  expect(countAll(new Aggregate(), bare, caller())).toEqual(['1 shop support gpt-5']);
});

it('finds whom a call is for behind two gateways', () => {
  const second = callOf('p2', 'p1', { ...told, service: 'second', model: 'far' });
  expect(countAll(new Aggregate(), second, part(), caller())).toEqual(['1 shop support far']);
});

it('counts for the gateway where the call that it is part of is not heard of', () => {
  const aggregate = new Aggregate();
  expect(countAll(aggregate, part())).toEqual([]);
  expect(aggregate.totals().heldPicoUsd).toBe(CENT);
  aggregate.settle(NOW_MS + 60_001);
  expect(listCalls(aggregate)).toEqual(['1 gateway /v1/chat/completions served']);
  expect(aggregate.totals()).toMatchObject({ callsPicoUsd: CENT, heldPicoUsd: 0n });
});

it('finds whom a call is for after a restart', () => {
  const before = new Aggregate();
  expect(countAll(before, part())).toEqual([]);
  const after = Aggregate.restore([...before.readState()], {});
  expect(after.totals().heldPicoUsd).toBe(CENT);
  expect(countAll(after, caller())).toEqual(['1 shop support served']);
  expect(after.totals()).toMatchObject({ callsPicoUsd: CENT, heldPicoUsd: 0n });
});

it('suspects two services that tell the same answer at once, each in a trace of its own', () => {
  const answer = { emitter: INSTRUMENTATION_SCOPE, responseId: 'chatcmpl-1' };
  const asks = callOf('c1', '', { ...answer, endMs: NOW_MS + 5, durationSeconds: 0.3 });
  const elsewhere = { traceId: TRACE.replace('0af', '0bf') };
  const tells = (differs: Partial<CallRecord> = {}) =>
    callOf('p1', '', { ...answer, ...elsewhere, service: 'gateway', ...differs });
  const suspectedOf = (...calls: readonly CallRecord[]) => {
    const aggregate = new Aggregate();
    countAll(aggregate, ...calls);
    return aggregate.work.suspected;
  };
  const pair = { service: 'shop', gateway: 'gateway', calls: 1 };
  expect(suspectedOf(asks, tells())).toEqual([pair]);
  expect(suspectedOf(tells(), asks)).toEqual([pair]);
  for (const other of [
    tells({ responseId: 'chatcmpl-2' }),
    tells({ service: 'shop' }),
    tells({ endMs: NOW_MS + 60_000 }),
    tells({ traceId: TRACE }),
    tells({ emitter: 'openinference' }),
  ])
    expect(suspectedOf(asks, other)).toEqual([]);
});
