import { priceUsage } from '@costspan/pricing';
import { describe, expect, it } from 'vitest';
import { Aggregate, readCallRecord, renderMetrics, type SpanView } from '../src/index.ts';
import { call, createRandom, NOW_MS, nonZero, parseExposition, task } from './records.ts';

const span = (differs: Partial<SpanView> = {}): SpanView => ({
  traceId: '0af7651916cd43dd8448eb211c80319c',
  spanId: 'b7ad6b7169203331',
  name: 'chat gpt-5-mini',
  kind: 'client',
  startMs: NOW_MS - 1_500,
  endMs: NOW_MS,
  hasErrorStatus: false,
  resource: { 'service.name': 'shop' },
  scopeName: 'some.instrumentation',
  ...differs,
  attributes: {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-5-mini',
    'gen_ai.usage.input_tokens': 101,
    'gen_ai.usage.output_tokens': 10,
    ...differs.attributes,
  },
});
const read = (differs: Partial<SpanView>) => readCallRecord(span(differs), { price: priceUsage });
const ALL = read({});

describe('a span of a trace that was kept with some probability', () => {
  it.each([
    ['a half', { traceState: 'ot=th:8' }, 2],
    ['a quarter, among other keys', { traceState: 'vendor=1, ot=rv:0123456789abcd;th:c' }, 4],
    ['a thousandth', { traceState: 'ot=th:ffbe76c8b4395' }, 1000],
    ['a rate on the span', { attributes: { SampleRate: 10 } }, 10],
    ['a probability on the span', { attributes: { 'sampling.probability': 0.05 } }, 20],
  ])('stands for all of them: %s', (_name, differs, count) => {
    const sampled = read(differs);
    expect(sampled?.sampleCount).toBeCloseTo(count, 6);
    expect(sampled?.tokens?.input).toBe(101 * count);
    expect(sampled?.costPicoUsd).toBeCloseTo((ALL?.costPicoUsd ?? 0) * count, -2);
    expect(sampled?.estimatedReason).toBe('sampled');
  });

  it.each([
    ['every trace is kept', { traceState: 'ot=th:0' }],
    ['no threshold', { traceState: 'ot=rv:ff' }],
    ['no hexadecimal', { traceState: 'ot=th:xyz' }],
    ['a rate that is none', { attributes: { SampleRate: 'often' } }],
    ['a rate below 1', { attributes: { SampleRate: 0.5 } }],
    ['a rate beyond all sense', { attributes: { SampleRate: 1e12 } }],
    ['a span of costspan', { traceState: 'ot=th:8', scopeName: '@costspan/instrumentation' }],
  ])('stands for itself: %s', (_name, differs) => {
    const own = read(differs);
    expect(own).toMatchObject({ sampleCount: undefined, estimatedReason: undefined });
    expect(own?.costPicoUsd).toBe(ALL?.costPicoUsd);
  });

  it('is weighed by its threshold, whatever the probability and the digits it is written with', () => {
    const random = createRandom(11);
    for (let run = 0; run < 2_000; run += 1) {
      const probability = 10 ** (-5 * random());
      const digits = 6 + Math.floor(random() * 9);
      const threshold = BigInt(Math.round((1 - probability) * 2 ** 56))
        .toString(16)
        .padStart(14, '0');
      const written = threshold.slice(0, digits).replace(/0+$/, '');
      const { sampleCount = 1 } = read({ traceState: `ot=th:${written === '' ? '0' : written}` }) ?? {};
      // The digits that are left out let at most so many more through.
      const most = 1 / probability;
      const least = 1 / (probability + 16 ** -digits);
      expect(sampleCount / most, `${run}: ${probability} as ${written}`).toBeLessThan(1 + 1e-9);
      expect(sampleCount / least).toBeGreaterThan(1 - 1e-9);
    }
  });

  it('adds up to what all of them cost, within the error of a sample', () => {
    const random = createRandom(12);
    const aggregate = new Aggregate();
    let allPicoUsd = 0;
    let readPicoUsd = 0n;
    for (let trace = 0; trace < 20_000; trace += 1) {
      const attributes = { 'gen_ai.usage.input_tokens': 1_000 + Math.floor(random() * 1_000) };
      const spanId = (trace + 1).toString(16).padStart(16, '0');
      allPicoUsd += read({ spanId, attributes })?.costPicoUsd ?? 0;
      // A quarter is kept.
      if (random() < 0.75) continue;
      const kept = read({ spanId, attributes, traceState: 'ot=th:c' })!;
      readPicoUsd += BigInt(kept.costPicoUsd!);
      aggregate.recordCall(kept, NOW_MS);
    }
    const { callsPicoUsd } = aggregate.totals();
    expect(callsPicoUsd).toBe(readPicoUsd);
    expect(Math.abs(Number(callsPicoUsd) / allPicoUsd - 1)).toBeLessThan(0.05);
  });

  it('counts as often as it stands for, its task too: what one costs stays what it was', async () => {
    const aggregate = new Aggregate();
    const sampled = { sampleCount: 4, costPicoUsd: 4e10, estimatedReason: 'sampled' };
    aggregate.recordCall(call({ ...sampled, task: { id: 't1', name: 'resolve' } }), NOW_MS);
    aggregate.recordTask(task({ outcome: 'success' }), NOW_MS);
    aggregate.settle(NOW_MS + 60_000);
    const restored = Aggregate.restore([...aggregate.readState()], {});
    restored.recordOutcome({ taskId: 't1', outcome: 'failure' }, NOW_MS + 61_000);
    const samples = parseExposition(await renderMetrics(restored, NOW_MS + 62_000));
    const labels =
      '{service="shop",environment="prod",feature="chat",task="resolve",user_tier="free",outcome="success"}';
    expect(nonZero(samples, 'llm_tasks_total')).toEqual({ [labels]: 4 });
    expect(nonZero(samples, 'llm_task_cost_usd_total')).toEqual({ [labels]: 0.04 });
    expect(nonZero(samples, 'llm_cost_per_task_usd_sum')).toEqual({
      '{feature="chat",task="resolve",outcome="success"}': 0.01,
    });
    expect(nonZero(samples, 'llm_tasks_reclassified_total')).toEqual({
      '{feature="chat",task="resolve",from="success",to="failure"}': 4,
    });
    expect(Object.values(nonZero(samples, 'llm_calls_total'))).toEqual([4]);
    expect(Object.values(nonZero(samples, 'costspan_processor_estimated_calls_total'))).toEqual([4]);
  });
});
