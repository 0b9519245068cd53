import type { SpanView } from '@costspan/aggregate';
import { DEFAULT_CONFIG } from '@costspan/config';
import { describe, expect, it } from 'vitest';
import { createConfiguredPricer } from '../src/pricer.ts';
import { Processor } from '../src/processor.ts';
import { SpanCollector } from '../src/receive/spans.ts';
import { recordings, viewOf } from './recorded-emitters.ts';
import { createRandom, NOW_MS, readMetricsText } from './spans.ts';

const SEEDS = 40;
const { price } = createConfiguredPricer(DEFAULT_CONFIG);

interface Counted {
  readonly picoUsd: bigint;
  readonly calls: readonly string[];
}

/** What an emitter tells more than was billed, pico-USD: of several reports of a call the first request's counts. */
const OVERSTATED: Readonly<Record<string, readonly bigint[]>> = {
  // One output token of each of two streams, which Anthropic's own spans do not add.
  'py-traceloop': [15_000_000n, 30_000_000n],
};

type Random = () => number;
function shuffle<T>(values: readonly T[], random: Random): T[] {
  const ranked = values.map((value) => ({ value, rank: random() }));
  return ranked.sort((one, other) => one.rank - other.rank).map(({ value }) => value);
}

/** The same spans, attributes in any order, in requests of any size, some of which come twice. */
function disorder(spans: readonly SpanView[], random: Random): SpanView[][] {
  const requests: SpanView[][] = [[]];
  for (const span of shuffle(spans, random)) {
    const attributes = Object.fromEntries(shuffle(Object.entries(span.attributes), random));
    requests.at(-1)!.push({ ...span, attributes });
    if (random() < 0.4) requests.push([]);
  }
  return requests.flatMap((request) => (random() < 0.2 ? [request, request] : [request]));
}

/**
 * What was counted: the money, and the calls with a cost by service, feature and model. A report without usage that
 * comes before the one that has some is a call of its own, without a cost.
 */
async function count(requests: readonly (readonly SpanView[])[]): Promise<Counted> {
  const processor = new Processor({ config: DEFAULT_CONFIG, price, now: () => NOW_MS });
  for (const request of requests) {
    const collector = new SpanCollector({});
    for (const span of request) collector.add(span);
    await processor.ingest(collector, 1);
  }
  const { callsPicoUsd } = processor.aggregate.totals();
  const lines = (await readMetricsText(processor)).split('\n');
  const calls = lines.filter((line) => line.startsWith('llm_cost_per_call_usd_count'));
  return { picoUsd: callsPicoUsd, calls: calls.sort() };
}

/** Its spans are no calls, whatever their order. */
const { 'claude-code': _none, ...callers } = recordings;

describe.each(Object.entries(callers))('the spans of %s', (name, recording) => {
  it('make the same calls and cost the same in any order, in any requests, some of which come twice', async () => {
    const spans = recording.spans.map(viewOf);
    const { picoUsd, calls } = await count([spans]);
    const amounts = new Set<bigint>();
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const counted = await count(disorder(spans, createRandom(seed)));
      expect(counted.calls, `seed ${seed}`).toEqual(calls);
      amounts.add(counted.picoUsd - picoUsd);
    }
    for (const amount of [0n, ...(OVERSTATED[name] ?? [])]) amounts.delete(amount);
    expect([...amounts]).toEqual([]);
    expect(calls).not.toEqual([]);
  });
});
