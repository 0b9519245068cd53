/** One call that several spans, or several emitters, report. */
import { describe, expect, it } from 'vitest';
import { Aggregate, type CallRecord } from '../src/index.ts';
import { type Arrival, arrivalOf, arrive, CENT, callOf, id, placeOf, TRACE } from './arrivals.ts';
import { createRandom, NOW_MS } from './records.ts';

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

  it('counts once where neither tells any usage, as of a call that failed', () => {
    const fail = (one: CallRecord): CallRecord => {
      const { tokens: _, costPicoUsd: __, ...bare } = one;
      return { ...bare, status: 'error' };
    };
    const calls = (...reports: CallRecord[]): number => {
      const aggregate = new Aggregate();
      for (const one of reports) arrive(aggregate, [arrivalOf(one)]);
      return reports.length - aggregate.work.nestedCalls;
    };
    const [told, again] = [fail(inner()), fail(outer())];
    expect([calls(told, again), calls(again, told)]).toEqual([1, 1]);
    expect(calls(told, { ...told, spanId: id('c2') }, again)).toBe(2);
    expect(calls(told, again, { ...again, spanId: id('o2') })).toBe(2);
    expect(calls(told, { ...again, model: 'claude' })).toBe(2);
    expect(calls(told, outer())).toBe(2);
    expect(calls({ ...told, emitter: 'a' }, { ...again, emitter: 'b' })).toBe(2);
  });

  it.each([
    ['of a layer', 'com.anthropic.sdk.python'],
    ['before any layer has reported', 'openai'],
  ])('counts once after a restart too, %s', (_name, emitter) => {
    const before = new Aggregate();
    arrive(before, [arrivalOf(inner({ emitter }))]);
    const after = Aggregate.restore([...before.readState()], {});
    arrive(after, [arrivalOf(outer({ emitter: 'langchain' }))]);
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

describe('a run that costspan tells as a whole, and its executable request by request', () => {
  const RUN = { service: 'agents', responseId: 'session 7435674c' } as const;
  const own = (name: string, differs: Partial<CallRecord> = {}) =>
    callOf(name, '', { ...RUN, emitter: '@costspan/instrumentation', durationSeconds: 300, ...differs });
  const part = (name: string, secondsBefore: number, differs: Partial<CallRecord> = {}) =>
    callOf(name, '', {
      ...RUN,
      emitter: 'com.anthropic.claude_code.tracing',
      costPicoUsd: 1,
      durationSeconds: 1,
      endMs: NOW_MS - secondsBefore * 1_000,
      ...differs,
    });
  const scraped = (): Aggregate => {
    const aggregate = new Aggregate({ featureWaitMs: 60_000 });
    aggregate.markScraped(NOW_MS);
    return aggregate;
  };
  const known = (): Aggregate => {
    const aggregate = scraped();
    arrive(aggregate, [arrivalOf(own('c0', { responseId: 'session other', costPicoUsd: 0 }))]);
    return aggregate;
  };
  const cost = (aggregate: Aggregate): bigint => {
    aggregate.settle(NOW_MS + 120_000);
    // Of a series that nobody has seen at 0 yet.
    const { callsPicoUsd, heldPicoUsd } = aggregate.totals();
    return callsPicoUsd + heldPicoUsd;
  };

  it('counts by the run where that is told before its requests are counted, each model of it', () => {
    let aggregate = known();
    for (const one of [part('p1', 200), part('p2', 100)]) arrive(aggregate, [arrivalOf(one)]);
    aggregate = Aggregate.restore(structuredClone([...aggregate.readState()]), { featureWaitMs: 60_000 });
    aggregate.markScraped(NOW_MS);
    for (const one of [own('c1'), own('c2', { model: 'claude-haiku-4-5' })])
      arrive(aggregate, [arrivalOf(one)]);
    // Sent again, or later than the run.
    for (const one of [part('p3', 50), part('p4', 40)]) arrive(aggregate, [arrivalOf(one)]);
    expect(cost(aggregate)).toBe(2n * CENT);
  });

  it('counts by its requests where one of them is counted by then', () => {
    const aggregate = known();
    arrive(aggregate, [arrivalOf(part('p1', 200))], NOW_MS - 100_000);
    aggregate.settle(NOW_MS - 30_000);
    arrive(aggregate, [arrivalOf(part('p2', 1))]);
    for (const one of [own('c1'), own('c2', { model: 'claude-haiku-4-5' })])
      arrive(aggregate, [arrivalOf(one)]);
    expect(cost(aggregate)).toBe(2n);
  });

  it('counts once in a service that costspan is not known to report from', () => {
    const aggregate = scraped();
    for (const one of [part('p1', 200), part('p2', 100), own('c1')]) arrive(aggregate, [arrivalOf(one)]);
    expect(cost(aggregate)).toBe(2n);
    const alone = scraped();
    for (const one of [part('p1', 200), part('p2', 100)]) arrive(alone, [arrivalOf(one)]);
    expect(cost(alone)).toBe(2n);
  });

  it('counts the next run of the session, and another session, for themselves', () => {
    const aggregate = known();
    const later = { endMs: NOW_MS + 400_000 };
    for (const one of [own('c1'), part('p1', -350), own('c2', { ...later, durationSeconds: 90 })])
      arrive(aggregate, [arrivalOf(one)]);
    arrive(aggregate, [arrivalOf(part('p2', 100, { responseId: 'session another' }))]);
    expect(cost(aggregate)).toBe(2n * CENT + 1n);
  });
});
