import { describe, expect, it } from 'vitest';
import { Aggregate, type OutcomeJudge, type TaskCandidate } from '../src/index.ts';
import {
  type Arrival,
  arrivalOf,
  arrive,
  CENT,
  callOf,
  candidate,
  id,
  placeOf,
  TRACE,
  tasksOf,
} from './arrivals.ts';
import { createRandom, NOW_MS, task } from './records.ts';

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
