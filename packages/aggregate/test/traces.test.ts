import { describe, expect, it } from 'vitest';
import {
  Aggregate,
  type CallRecord,
  type OutcomeJudge,
  type SpanPlace,
  type TaskCandidate,
} from '../src/index.ts';
import { call, createRandom, NOW_MS, task } from './records.ts';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const id = (name: string): string => name.padStart(16, '0');
const placeOf = (name: string, parent: string, own?: TaskCandidate): SpanPlace => ({
  traceId: TRACE,
  spanId: id(name),
  parentSpanId: parent === '' ? '' : id(parent),
  ...(own === undefined ? {} : { task: own }),
});
const candidate = (name: string, rank: number, isFinal = rank === 0): TaskCandidate => ({
  id: `${TRACE}-${id(name)}`,
  name: `task of ${name}`,
  rank,
  isFinal,
  record: task({ id: `${TRACE}-${id(name)}`, name: `task of ${name}`, outcome: 'success' }),
});
const callOf = (name: string, parent: string, differs: Partial<CallRecord> = {}): CallRecord =>
  call({
    traceId: TRACE,
    spanId: id(name),
    parentSpanId: parent === '' ? '' : id(parent),
    seeksTask: true,
    ...differs,
  });

/** One span as it arrives: its place, and what it tells. */
type Arrival = { place: SpanPlace; call?: CallRecord };
const arrivalOf = (own: CallRecord): Arrival => ({
  place: { traceId: own.traceId, spanId: own.spanId, parentSpanId: own.parentSpanId ?? '' },
  call: own,
});

function arrive(aggregate: Aggregate, batch: readonly Arrival[], nowMs = NOW_MS): void {
  aggregate.recordPlaces(
    batch.map(({ place }) => place),
    nowMs,
  );
  for (const { call: own } of batch) if (own !== undefined) aggregate.recordCall(own, nowMs);
}

const tasksOf = (aggregate: Aggregate): Record<string, bigint> =>
  Object.fromEntries(
    [...aggregate.tasks].map(({ id: taskId, costPicoUsd }) => [taskId.slice(-2), costPicoUsd]),
  );

const CENT = 10_000_000_000n;

describe('a call finds its task among the spans around it', () => {
  const spans: Arrival[] = [
    arrivalOf(callOf('c1', 's1')),
    arrivalOf(callOf('c2', 's1')),
    { place: placeOf('s1', 'a1') },
    { place: placeOf('a1', 'h1', candidate('a1', 1)) },
    { place: placeOf('h1', '', candidate('h1', 0)) },
  ];

  it('in whatever order they come, and money moves from outside into the task', () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const random = createRandom(seed);
      const aggregate = new Aggregate();
      for (const one of [...spans].sort(() => random() - 0.5)) {
        arrive(aggregate, [one]);
        const { callsPicoUsd, settledPicoUsd, unsettledPicoUsd, untaskedPicoUsd } = aggregate.totals();
        expect(settledPicoUsd + unsettledPicoUsd + untaskedPicoUsd).toBe(callsPicoUsd);
      }
      expect(tasksOf(aggregate), `seed ${seed}`).toEqual({ h1: 2n * CENT });
      expect(aggregate.totals()).toMatchObject({ untaskedPicoUsd: 0n, unsettledPicoUsd: 2n * CENT });
    }
  });

  it('takes the best that is known when nothing more comes', () => {
    const aggregate = new Aggregate({ settleQuietMs: 5_000 });
    arrive(aggregate, spans.slice(0, 4));
    aggregate.settle(NOW_MS + 4_999);
    expect(tasksOf(aggregate)).toEqual({});
    aggregate.settle(NOW_MS + 5_000);
    expect(tasksOf(aggregate)).toEqual({ a1: 2n * CENT });
  });

  it('stays outside of any task when nothing around it is heard of', () => {
    const aggregate = new Aggregate({ settleAfterMs: 60_000 });
    arrive(aggregate, spans.slice(0, 1));
    aggregate.settle(NOW_MS + 60_000);
    expect(aggregate.totals()).toMatchObject({ untaskedPicoUsd: CENT });
    expect(aggregate.work.tasklessCalls).toBe(1);
    arrive(aggregate, spans.slice(2), NOW_MS + 61_000);
    expect(tasksOf(aggregate)).toEqual({});
  });

  it('finds it after a restart, also while it waits for a scrape', () => {
    for (const isScraped of [false, true]) {
      const before = new Aggregate();
      if (isScraped) before.markScraped(NOW_MS);
      arrive(before, spans.slice(0, 3));
      const after = Aggregate.restore([...before.readState()], {});
      arrive(after, spans.slice(3));
      after.markScraped(NOW_MS + 1_000);
      expect(tasksOf(after)).toEqual({ h1: 2n * CENT });
      expect(after.totals()).toEqual({
        callsPicoUsd: 2n * CENT,
        unsettledPicoUsd: 2n * CENT,
        settledPicoUsd: 0n,
        untaskedPicoUsd: 0n,
        heldPicoUsd: 0n,
      });
    }
  });
});

describe('an agent inside an agent', () => {
  const agent = (name: string): TaskCandidate => ({
    ...candidate(name, 0),
    nested: { traceId: TRACE, spanId: id(name), nestedId: `${TRACE}-${id(name)}` },
  });
  const request = { ...candidate('h1', 1), isFinal: false };
  const spans: Arrival[] = [
    arrivalOf(callOf('c1', 'a3')),
    arrivalOf(callOf('c2', 's1')),
    { place: placeOf('a3', 's1', agent('a3')) },
    { place: placeOf('s1', 'a2') },
    { place: placeOf('a2', 'a1', agent('a2')) },
    { place: placeOf('a1', 'h1', agent('a1')) },
    { place: placeOf('h1', '', request) },
  ];
  const read = (aggregate: Aggregate) =>
    Object.fromEntries(
      [...aggregate.tasks].map((one) => [
        one.id.slice(-2),
        [one.costPicoUsd / CENT, one.subTasksPicoUsd / CENT, one.outcome],
      ]),
    );

  it('has its own cost, rolled up to those around it but not to their request, in whatever order they come', () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = createRandom(seed);
      let aggregate = new Aggregate();
      for (const one of [...spans].sort(() => random() - 0.5)) {
        arrive(aggregate, [one]);
        if (random() < 0.3) aggregate = Aggregate.restore([...aggregate.readState()], {});
      }
      expect(read(aggregate), `seed ${seed}`).toEqual({
        a3: [1n, 0n, 'success'],
        a2: [1n, 1n, 'success'],
        a1: [0n, 2n, 'success'],
      });
      const { callsPicoUsd, unsettledPicoUsd } = aggregate.totals();
      expect([callsPicoUsd, unsettledPicoUsd]).toEqual([2n * CENT, 2n * CENT]);
    }
  });

  it('is no task while no call is known below it', () => {
    const aggregate = new Aggregate();
    arrive(aggregate, spans.slice(2));
    expect([...aggregate.tasks]).toEqual([]);
  });

  it('is part of a task that somebody named', () => {
    const aggregate = new Aggregate();
    const named: TaskCandidate = { id: 'ticket-7', name: 'resolve', rank: 1, isFinal: false };
    arrive(aggregate, [...spans.slice(0, 6), { place: placeOf('h1', '', named) }]);
    expect(read(aggregate)).toMatchObject({ a1: [0n, 2n, 'success'], '-7': [0n, 2n, 'unknown'] });
  });
});

describe('a call that names no feature', () => {
  const REQUEST: Arrival = { place: { ...placeOf('h1', '', candidate('h1', 0)), feature: '/tickets/:id' } };
  const spans: Arrival[] = [
    arrivalOf(callOf('c1', 's1', { feature: 'unattributed', seeksFeature: true })),
    arrivalOf(callOf('c2', 's1', { feature: 'unattributed', seeksFeature: true, requestDigest: 'd' })),
    { place: placeOf('s1', 'h1') },
    REQUEST,
  ];
  /** Cost by feature, cents. */
  const read = (aggregate: Aggregate): Record<string, bigint> => {
    const cost = aggregate.series.find(({ definition }) => definition.name === 'llm_cost_usd_total');
    const byFeature: Record<string, bigint> = {};
    for (const { labels, value } of cost?.values() ?? [])
      if (value !== 0n) byFeature[labels[2] ?? ''] = BigInt(value) / CENT;
    return byFeature;
  };
  const scraped = (options: ConstructorParameters<typeof Aggregate>[0] = {}): Aggregate => {
    const aggregate = new Aggregate({ featureWaitMs: 60_000, ...options });
    aggregate.markScraped(NOW_MS);
    return aggregate;
  };

  it('serves that of the spans around it, in whatever order they come, and is counted once', () => {
    for (let seed = 1; seed <= 60; seed += 1) {
      const random = createRandom(seed);
      let aggregate = scraped();
      let received = 0n;
      for (const one of [...spans].sort(() => random() - 0.5)) {
        arrive(aggregate, [one]);
        if (one.call !== undefined) received += CENT;
        if (random() < 0.3) aggregate = Aggregate.restore([...aggregate.readState()], {});
        if (random() < 0.3) aggregate.markScraped(NOW_MS);
        const { callsPicoUsd, heldPicoUsd, unsettledPicoUsd, untaskedPicoUsd } = aggregate.totals();
        expect(callsPicoUsd + heldPicoUsd).toBe(received);
        expect(unsettledPicoUsd + untaskedPicoUsd).toBe(callsPicoUsd);
      }
      for (let scrape = 0; scrape < 2; scrape += 1) aggregate.markScraped(NOW_MS);
      expect(read(aggregate), `seed ${seed}`).toEqual({ '/tickets/:id': 2n });
      expect(tasksOf(aggregate)).toEqual({ h1: 2n * CENT });
    }
  });

  it('waits for so long and no longer', () => {
    const aggregate = scraped();
    arrive(aggregate, spans.slice(0, 2));
    aggregate.settle(NOW_MS + 59_999);
    expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 0n, heldPicoUsd: 2n * CENT });
    expect(aggregate.isDue(NOW_MS + 59_999)).toBe(false);
    expect(aggregate.isDue(NOW_MS + 60_000)).toBe(true);
    aggregate.settle(NOW_MS + 60_000);
    aggregate.markScraped(NOW_MS + 60_000);
    expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 2n * CENT, heldPicoUsd: 0n });
    expect(read(aggregate)).toEqual({ unattributed: 2n });
    arrive(aggregate, spans.slice(2), NOW_MS + 61_000);
    expect(read(aggregate)).toEqual({ unattributed: 2n });
    expect(tasksOf(aggregate)).toEqual({ h1: 2n * CENT });
  });

  it('waits no longer than the root of its trace', () => {
    const aggregate = scraped();
    arrive(aggregate, [...spans.slice(0, 3), { place: placeOf('h1', '') }]);
    aggregate.markScraped(NOW_MS);
    expect(read(aggregate)).toEqual({ unattributed: 2n });
  });

  it.each([
    ['while nobody scrapes', new Aggregate({ featureWaitMs: 60_000 })],
    ['where the configuration says so', scraped({ featureWaitMs: 0, maxHoldMs: 1 })],
  ])('does not wait %s, but takes what is known', (_name, aggregate) => {
    arrive(aggregate, spans.slice(0, 1), NOW_MS + 1);
    expect(aggregate.totals()).toMatchObject({ callsPicoUsd: CENT, heldPicoUsd: 0n });
    arrive(aggregate, spans.slice(1), NOW_MS + 1);
    expect(read(aggregate)).toEqual({ unattributed: 1n, '/tickets/:id': 1n });
  });
});

describe('what a span shows that names no task', () => {
  const judge: OutcomeJudge = {
    repeatedWithinMs: 0,
    attributeNames: new Set(),
    asks: () => true,
    read: () => 0n,
    decide: (bits) => (bits === 0n ? undefined : { outcome: 'failure', rule: 0 }),
  };
  const evidence = { traceId: TRACE, spanId: id('t1'), bits: 1n };
  const { record: _, ...unjudged } = candidate('h1', 0);
  const request = { ...unjudged, record: task({ id: unjudged.id, name: unjudged.name }) };
  const steps: ((aggregate: Aggregate) => void)[] = [
    (aggregate) => arrive(aggregate, [arrivalOf(callOf('c1', 'h1'))]),
    (aggregate) => {
      aggregate.recordPlaces([placeOf('t1', 's1')], NOW_MS);
      aggregate.recordEvidence(evidence, NOW_MS);
    },
    (aggregate) => aggregate.recordPlaces([placeOf('s1', 'h1')], NOW_MS),
    (aggregate) => aggregate.recordPlaces([placeOf('h1', '', request)], NOW_MS),
  ];

  it('counts for the task around it, in whatever order they come', () => {
    for (let seed = 1; seed <= 30; seed += 1) {
      const random = createRandom(seed);
      let aggregate = new Aggregate({ judge });
      for (const step of [...steps].sort(() => random() - 0.5)) {
        step(aggregate);
        if (random() < 0.3) aggregate = Aggregate.restore([...aggregate.readState()], { judge });
      }
      expect([...aggregate.tasks].map(({ outcome, costPicoUsd }) => [outcome, costPicoUsd])).toEqual([
        ['failure', CENT],
      ]);
    }
  });

  it('makes no task, and is no call that looks in vain', () => {
    const aggregate = new Aggregate({ judge, settleAfterMs: 1_000, settleQuietMs: 10 });
    for (const step of steps.slice(1)) step(aggregate);
    arrive(aggregate, []);
    aggregate.recordEvidence({ ...evidence, spanId: id('t2') }, NOW_MS);
    aggregate.settle(NOW_MS + 1_000);
    expect([aggregate.openTasks, aggregate.work.tasklessCalls, [...aggregate.tasks]]).toEqual([0, 0, []]);
  });
});

describe('a call that several spans report counts once', () => {
  const inner = arrivalOf(callOf('c1', 's1'));
  const between: Arrival = { place: placeOf('s1', 'o1') };
  const outer = arrivalOf(callOf('o1', 'h1'));

  it.each([
    ['the inner first', [[inner], [between], [outer]]],
    ['the outer first', [[outer], [between], [inner]]],
    ['in one batch', [[outer, between, inner]]],
    ['what is between them last', [[inner], [between, outer]]],
  ])('%s', (_name, batches) => {
    const aggregate = new Aggregate();
    for (const batch of batches) arrive(aggregate, batch);
    expect(aggregate.totals().callsPicoUsd).toBe(CENT);
    expect(aggregate.work.nestedCalls).toBe(1);
  });

  it('counts the outer one where the inner tells no usage', () => {
    const aggregate = new Aggregate();
    const { costPicoUsd: _, tokens: __, ...bare } = callOf('c1', 'o1');
    arrive(aggregate, [arrivalOf(bare)]);
    arrive(aggregate, [outer]);
    expect(aggregate.totals().callsPicoUsd).toBe(CENT);
    expect(aggregate.work.nestedCalls).toBe(0);
  });

  it('counts siblings, and the same ids in another trace, each for themselves', () => {
    const aggregate = new Aggregate();
    arrive(aggregate, [arrivalOf(callOf('c1', 's1')), arrivalOf(callOf('c2', 's1')), between]);
    const elsewhere = callOf('o1', 'h1', { traceId: TRACE.replace('0af', '0bf') });
    arrive(aggregate, [arrivalOf(elsewhere)]);
    expect(aggregate.totals().callsPicoUsd).toBe(3n * CENT);
  });
});

describe('a call that two emitters tell in spans of their own', () => {
  const inner = (differs: Partial<CallRecord> = {}) =>
    callOf('c1', '', { emitter: 'com.anthropic.sdk.python', durationSeconds: 0.2, ...differs });
  const outer = (differs: Partial<CallRecord> = {}) =>
    callOf('o1', '', { emitter: 'openinference', durationSeconds: 0.3, endMs: NOW_MS + 50, ...differs });
  const count = (...calls: CallRecord[]): bigint => {
    const aggregate = new Aggregate();
    for (const one of calls) arrive(aggregate, [arrivalOf(one)]);
    return aggregate.totals().callsPicoUsd / CENT;
  };

  it('counts once by the id of the answer, or by usage where one of them knows none', () => {
    expect(count(inner({ responseId: 'msg_1' }), outer({ responseId: 'msg_1' }))).toBe(1n);
    expect(count(outer(), inner({ responseId: 'msg_1' }))).toBe(1n);
    expect(count(inner({ responseId: 'msg_1' }), outer({ responseId: 'msg_2' }))).toBe(2n);
  });

  it('counts each of several that used as much', () => {
    const second = { spanId: id('c2') };
    expect(count(inner(), inner(second), outer(), outer({ spanId: id('o2') }))).toBe(2n);
    expect(count(inner(), outer(), outer({ spanId: id('o2') }))).toBe(2n);
  });

  it('counts both when times, service, model, usage or emitter say that they are two', () => {
    expect(count(inner(), outer({ endMs: NOW_MS + 60_000 }))).toBe(2n);
    expect(count(inner(), outer({ endMs: NOW_MS, durationSeconds: 0.2 }))).toBe(2n);
    expect(count(inner(), outer({ service: 'other' }))).toBe(2n);
    expect(count(inner(), outer({ model: 'claude' }))).toBe(2n);
    const tokens = { input: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };
    expect(count(inner(), outer({ tokens }))).toBe(2n);
    expect(count(inner(), outer({ emitter: 'com.anthropic.sdk.python' }))).toBe(2n);
    expect(count(inner({ emitter: 'a' }), outer({ emitter: 'b' }))).toBe(2n);
  });

  it('counts once where a layer knows only the name that was asked for', () => {
    const dated = inner({ emitter: 'openai', model: 'gpt-4o-mini-2024-07-18', responseId: 'chatcmpl-1' });
    const asked = outer({ emitter: 'traceloop.langchain', model: 'gpt-4o-mini' });
    expect([count(dated, asked), count(asked, dated)]).toEqual([1n, 1n]);
    expect(count(dated, outer({ emitter: 'traceloop.langchain', model: 'gpt-4o' }))).toBe(2n);
  });

  it('counts once where a layer around costspan’s own span counts tokens of its own', () => {
    const own = inner({ emitter: '@costspan/instrumentation', responseId: 'chatcmpl-1' });
    const tokens = { input: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };
    const layer = outer({ emitter: 'openlit.langchain', tokens });
    expect(count(own, layer)).toBe(1n);
    // One for one: two reports of the layer are two calls.
    expect(count(own, layer, outer({ emitter: 'openlit.langchain', tokens, spanId: id('o2') }))).toBe(2n);
    // Another emitter's span is not sure enough, nor is another time, model or service.
    expect(count({ ...own, emitter: 'openai' }, layer)).toBe(2n);
    expect(count(own, { ...layer, endMs: NOW_MS + 60_000 })).toBe(2n);
    expect(count(own, { ...layer, model: 'other' })).toBe(2n);
    expect(count(own, { ...layer, service: 'other' })).toBe(2n);
  });

  it('counts once after a restart too', () => {
    const before = new Aggregate();
    arrive(before, [arrivalOf(inner())]);
    const after = Aggregate.restore([...before.readState()], {});
    arrive(after, [arrivalOf(outer())]);
    expect(after.totals().callsPicoUsd).toBe(CENT);
  });
});

describe('a layer that counts tokens of its own, above costspan', () => {
  const tokens = { input: 1, cacheRead: 0, cacheWrite: 0, output: 1, reasoning: 0 };
  const own = (name: string, differs: Partial<CallRecord> = {}) =>
    callOf(name, '', {
      emitter: '@costspan/instrumentation',
      responseId: name,
      durationSeconds: 0.2,
      ...differs,
    });
  const layer = (name: string, differs: Partial<CallRecord> = {}) =>
    callOf(name, '', {
      emitter: 'openlit.langchain',
      tokens,
      costPicoUsd: 1,
      durationSeconds: 0.21,
      endMs: NOW_MS + 5,
      ...differs,
    });
  const scraped = (): Aggregate => {
    const aggregate = new Aggregate({ featureWaitMs: 60_000 });
    aggregate.markScraped(NOW_MS);
    arrive(aggregate, [arrivalOf(own('c0', { endMs: NOW_MS - 60_000 }))]);
    aggregate.markScraped(NOW_MS);
    return aggregate;
  };
  const restart = (aggregate: Aggregate): Aggregate =>
    Aggregate.restore(structuredClone([...aggregate.readState()]), { featureWaitMs: 60_000 });

  it.each([
    ['apart', ''],
    ['around it', 'o1'],
  ])('waits, %s, and gives way to the own report that comes later', (_name, parentSpanId) => {
    let aggregate = scraped();
    arrive(aggregate, [arrivalOf(layer('o1'))]);
    expect(aggregate.totals()).toMatchObject({ callsPicoUsd: CENT, heldPicoUsd: 1n });
    aggregate = restart(aggregate);
    arrive(aggregate, [arrivalOf(own('c1', { parentSpanId: parentSpanId && id(parentSpanId) }))]);
    expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 2n * CENT, heldPicoUsd: 0n });
    expect(aggregate.work.nestedCalls).toBe(1);
    // One for one: the next report of the layer is of another call.
    arrive(aggregate, [arrivalOf(layer('o2'))]);
    expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 2n * CENT, heldPicoUsd: 1n });
    aggregate.settle(NOW_MS + 60_000);
    expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 2n * CENT + 1n, heldPicoUsd: 0n });
  });

  it('counts, with the feature that it states, when nothing better comes in time', () => {
    let aggregate = scraped();
    arrive(aggregate, [arrivalOf(layer('o1', { feature: 'stated' }))]);
    aggregate = restart(aggregate);
    aggregate.settle(NOW_MS + 59_999);
    expect(aggregate.totals().callsPicoUsd).toBe(CENT);
    aggregate.settle(NOW_MS + 60_000);
    aggregate.markScraped(NOW_MS + 60_000);
    expect(aggregate.totals()).toMatchObject({ callsPicoUsd: CENT + 1n, heldPicoUsd: 0n });
    const calls = aggregate.series.find(({ definition }) => definition.name === 'llm_calls_total');
    const features = [...(calls?.values() ?? [])].map(({ labels }) => labels[2]);
    expect(features).toContain('stated');
  });

  it('gives way at last to an own report whose times are further apart', () => {
    const slow = layer('o1', { durationSeconds: 0.6, endMs: NOW_MS + 200 });
    for (const reports of [
      [slow, own('c1')],
      [own('c1'), slow],
    ]) {
      const aggregate = scraped();
      for (const one of reports) arrive(aggregate, [arrivalOf(one)]);
      expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 2n * CENT, heldPicoUsd: 1n });
      aggregate.settle(NOW_MS + 60_000);
      expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 2n * CENT, heldPicoUsd: 0n });
      expect(aggregate.work.nestedCalls).toBe(1);
    }
  });

  it('does not give way to an own report that tells no usage', () => {
    const aggregate = scraped();
    arrive(aggregate, [arrivalOf(layer('o1'))]);
    const { tokens: _tokens, costPicoUsd: _cost, ...bare } = own('c1');
    arrive(aggregate, [arrivalOf(bare)]);
    expect(aggregate.totals()).toMatchObject({ callsPicoUsd: CENT, heldPicoUsd: 1n });
  });

  it('waits for nothing in a service that costspan has not reported from', () => {
    const aggregate = scraped();
    arrive(aggregate, [arrivalOf(layer('o1', { service: 'other' }))]);
    aggregate.markScraped(NOW_MS);
    expect(aggregate.totals()).toMatchObject({ callsPicoUsd: CENT + 1n, heldPicoUsd: 0n });
  });

  it('counts each of many once that ran side by side, whichever report a batch ends with', () => {
    for (let seed = 1; seed <= 5; seed += 1) {
      const random = createRandom(seed);
      let aggregate = scraped();
      const reports = Array.from({ length: 2000 }, (_, index) => {
        const endMs = NOW_MS + index * 5 + random() * 400;
        const durationSeconds = 0.1 + random() * 0.5;
        // A layer that reads a copy of a stream is done with it first.
        const times = { endMs: endMs + (random() < 0.5 ? -1 : 2), durationSeconds: durationSeconds + 0.003 };
        return [own(`c1${index}`, { endMs, durationSeconds }), layer(`d1${index}`, times)];
      }).flat();
      reports.sort((a, b) => a.endMs - b.endMs);
      while (reports.length > 0) {
        const batch = reports.splice(0, 1 + Math.floor(random() * 400));
        batch.sort((a, b) => Number(b.emitter === own('').emitter) - Number(a.emitter === own('').emitter));
        arrive(aggregate, batch.map(arrivalOf));
        if (random() < 0.1) aggregate = restart(aggregate);
      }
      aggregate.markScraped(NOW_MS);
      const { callsPicoUsd, heldPicoUsd } = aggregate.totals();
      expect([callsPicoUsd, heldPicoUsd], `seed ${seed}`).toEqual([2001n * CENT, 0n]);
    }
  });
});
