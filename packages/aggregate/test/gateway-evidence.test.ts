/** What tells two reports of one call from two calls that have much in common. */
import { describe, expect, it } from 'vitest';
import { Aggregate, type CallRecord } from '../src/index.ts';
import { arrivalOf, arrive, CENT } from './arrivals.ts';
import {
  asks,
  countAll,
  countNone,
  early,
  HOST,
  knowing,
  late,
  listCalls,
  RARE_ID,
  relays,
  TWICE,
} from './gateway-calls.ts';
import { NOW_MS } from './records.ts';

describe('a gateway that does not pass on all that it was answered', () => {
  const inBothOrders = (one: CallRecord, other: CallRecord): readonly (readonly string[])[] =>
    [
      [one, other],
      [other, one],
    ].map((calls) => late(countAll(calls, knowing(HOST))));
  const ONCE = [['1 shop support'], ['1 shop support']];

  it('makes up the id of the answer, or tells none', () => {
    const { responseId: _, ...nameless } = asks('c1');
    expect(inBothOrders(asks('c1', { responseId: 'made-up' }), relays('p1'))).toEqual(ONCE);
    expect(inBothOrders(nameless, relays('p1'))).toEqual(ONCE);
  });

  it('tells first, of calls that were counted before anybody was known to be a gateway', () => {
    const names = Array.from({ length: 50 }, (_, index) => `${index}`.padStart(2, '0'));
    const callers = names.map((name) => asks(`c${name}`, { responseId: `made-up-${name}` }));
    const parts = names.map((name) => relays(`d${name}`, { responseId: `given-${name}` }));
    expect(countAll([...callers, ...parts])).toEqual(['50 shop support']);
    const before = knowing(HOST);
    for (const caller of callers) arrive(before, [arrivalOf(caller)]);
    const after = Aggregate.restore([...before.readState()], {});
    expect(late(countAll(parts, after))).toEqual(['50 shop support']);
  });

  it('has another name for the model: its own price counts, for whom it was asked', () => {
    const dear = { model: 'gpt-5-pro', costPicoUsd: 7 * Number(CENT) };
    const aggregate = knowing(HOST);
    for (const one of [relays('p1', dear), asks('c1')]) arrive(aggregate, [arrivalOf(one)]);
    expect(late(listCalls(aggregate))).toEqual(['1 shop support']);
    expect(aggregate.findTask('task-c1')?.costPicoUsd).toBe(7n * CENT);
    expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 8n * CENT, heldPicoUsd: 0n });
    expect(late(countAll([asks('c1'), relays('p1', dear)], knowing(HOST)))).toEqual(['1 shop support']);
  });

  it('has a price where the service knows none, which waits for it once the gateway is known', () => {
    const { costPicoUsd: _, ...unpriced } = asks('c1', { model: 'smart', unpricedReason: 'unknown_model' });
    for (const calls of [
      [relays('p1'), unpriced],
      [unpriced, relays('p1')],
    ]) {
      const aggregate = knowing(HOST);
      arrive(aggregate, [arrivalOf(relays('e9', { ...early, responseId: 'early-9' }))]);
      for (const one of calls) arrive(aggregate, [arrivalOf(one)]);
      expect(late(listCalls(aggregate))).toEqual(['1 shop support']);
      expect(aggregate.findTask('task-c1')?.costPicoUsd).toBe(CENT);
      expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 2n * CENT, heldPicoUsd: 0n });
    }
    const alone = knowing(HOST);
    arrive(alone, [arrivalOf(relays('e9', { ...early, responseId: 'early-9' })), arrivalOf(unpriced)]);
    expect(late(listCalls(alone))).toEqual([]);
    alone.settle(NOW_MS + 60_000);
    expect(late(listCalls(alone))).toEqual(['1 shop support']);
  });

  it('has a price where what nobody could price was counted before: both count', () => {
    const { costPicoUsd: _, ...unpriced } = asks('c1', { model: 'smart', unpricedReason: 'unknown_model' });
    const counted = knowing(HOST);
    expect(late(countAll([unpriced, relays('p1')], counted))).toEqual(TWICE);
    expect(counted.totals().callsPicoUsd).toBe(2n * CENT);
  });

  it('asks for several models at once: each is the part of who asked for that one', () => {
    const mini = { model: 'gpt-5-mini', feature: 'triage', endMs: NOW_MS + 3 };
    const dear = relays('p2', { model: 'gpt-5-mini', costPicoUsd: 7 * Number(CENT), responseId: 'c' });
    const waiting = knowing(HOST);
    countNone(waiting, [relays('p1', { responseId: 'd', endMs: NOW_MS + 1 }), dear]);
    countAll(
      [asks('c2', { ...mini, costPicoUsd: 7 * Number(CENT) }), asks('c1', { responseId: 'a' })],
      waiting,
    );
    expect(waiting.findTask('task-c1')?.costPicoUsd).toBe(CENT);
    expect(waiting.findTask('task-c2')?.costPicoUsd).toBe(7n * CENT);
  });

  it('lacks a price that the service knows: the service counts', () => {
    const { costPicoUsd: _, ...unpriced } = relays('p1', { model: 'mine', unpricedReason: 'unknown_model' });
    expect(late(countAll([asks('c1'), unpriced], knowing(HOST)))).toEqual(['1 shop support']);
    const hasty = new Aggregate({ featureWaitMs: 0 });
    expect(countAll([unpriced, asks('c1')], hasty)).toEqual(TWICE);
  });

  it('stands behind a proxy that hides its host: what asks it is known by an id that a provider has given', () => {
    const hidden = relays('p1', { responseId: RARE_ID, askedAt: '10.0.0.7:4000' });
    const caller = asks('c1', { responseId: RARE_ID, sentTo: 'llm.example.com' });
    expect(countAll([caller, hidden])).toEqual(['1 shop support']);
    expect(countAll([hidden, caller])).toEqual(['1 gateway /v1/chat/completions']);
    const aggregate = new Aggregate();
    countAll([caller, hidden], aggregate);
    const next = { responseId: `${RARE_ID}2` };
    expect(
      countAll([{ ...relays('p2', next), askedAt: '10.0.0.7:4000' }, asks('c2', next)], aggregate),
    ).toEqual(['2 shop support']);
  });
});

describe('calls that have much in common and are two', () => {
  const { askedAt: _, ...nobodyAsked } = relays('p1');
  const { sentTo: __, ...sentNowhere } = asks('c1');
  const nothing = { tokens: { input: 0, output: 0, cacheRead: 0, cacheWrite: 0, reasoning: 0 } };
  const far = { sentTo: 'elsewhere:1' };
  const id1 = { responseId: RARE_ID };
  const rare = { ...id1, ...far };
  const PAIRS: Record<string, readonly [CallRecord, CallRecord]> = {
    'another answer, where nothing was used': [
      asks('c1', nothing),
      relays('p1', { ...nothing, responseId: 'chatcmpl-2' }),
    ],
    'sent to another host': [asks('c1', { sentTo: 'llm.internal' }), relays('p1')],
    'sent to another port': [asks('c1', { sentTo: 'llm.internal:4001' }), relays('p1')],
    'nobody has asked the one': [asks('c1'), nobodyAsked],
    'nobody knows where the other went': [sentNowhere, relays('p1')],
    'neither knows any host': [sentNowhere, nobodyAsked],
    'other input': [asks('c1'), relays('p1', { tokens: { ...asks('c1').tokens!, input: 1 } })],
    'other output': [asks('c1'), relays('p1', { tokens: { ...asks('c1').tokens!, output: 1 } })],
    'a short id, sent to another host': [asks('c1', far), relays('p1')],
    'an id that a provider gives, from a stand-in': [
      asks('c1', rare),
      relays('p1', { ...rare, sentTo: '127.0.0.1:1' }),
    ],
    'an id that a provider gives, from a name of the own network': [
      asks('c1', rare),
      relays('p1', { ...rare, sentTo: 'models.internal' }),
    ],
    'an id that a provider gives, of one whom nobody has asked': [
      asks('c1', rare),
      { ...nobodyAsked, ...id1 },
    ],
    'an id that a provider gives, both from there': [
      asks('c1', { ...rare, sentTo: 'api.openai.com' }),
      relays('p1', id1),
    ],
    'ended before the other began': [asks('c1'), relays('p1', { endMs: NOW_MS - 2_296 })],
    'ended after the other': [asks('c1'), relays('p1', { endMs: NOW_MS + 2_006 })],
    'told by another emitter, in the name of one': [
      asks('c1', { emitter: 'x', responseId: 'chatcmpl-1' }),
      relays('p1', { emitter: 'x' }),
    ],
  };
  it.each(Object.entries(PAIRS))('%s', (_name, [one, other]) => {
    for (const calls of [
      [one, other],
      [other, one],
    ]) {
      const aggregate = knowing(HOST, 'llm.internal:4001');
      arrive(aggregate, [arrivalOf(relays('e9', { ...early, responseId: 'early-9' }))]);
      expect(late(countAll(calls, aggregate))).toEqual(TWICE);
    }
  });

  it('the clocks of two machines, and a release date, make no difference', () => {
    for (const differs of [
      { endMs: NOW_MS - 2_295 },
      { endMs: NOW_MS + 2_005 },
      { model: 'gpt-5-2026-01-31' },
      { tokens: { ...asks('c1').tokens!, input: 0, cacheRead: asks('c1').tokens!.input } },
    ])
      expect(countAll([asks('c1'), relays('p1', differs)])).toEqual(['1 shop support']);
  });

  it('is told of where one of them has waited in vain', () => {
    const aggregate = knowing(HOST);
    arrive(aggregate, [
      arrivalOf(relays('p1', { tokens: { ...early.tokens, input: 77 } })),
      arrivalOf(asks('c1')),
    ]);
    expect(aggregate.work.suspected).toEqual([]);
    expect(late(countAll([], aggregate))).toEqual(TWICE);
    expect(aggregate.work.suspected).toEqual([{ service: 'shop', gateway: 'gateway', calls: 1 }]);
  });

  it('an id as long as a provider’s, which many calls have', () => {
    const callers = Array.from({ length: 33 }, (_, index) => asks(`d${index}`, rare));
    expect(countAll([...callers, relays('p1', id1)])).toEqual([
      '1 gateway /v1/chat/completions',
      '33 shop support',
    ]);
  });

  it('one recording that several services replay at once, each at a stand-in of its own', () => {
    const services = ['a', 'b', 'c', 'd'].map((service, index) =>
      asks(`c${index}`, {
        service,
        responseId: 'chatcmpl-BvQ3o1u7mXc8Kp2Lw9ZtYrNd',
        sentTo: `127.0.0.1:${5000 + index}`,
        askedAt: `127.0.0.1:${3000 + index}`,
        endMs: NOW_MS + index,
      }),
    );
    expect(countAll(services)).toEqual(['1 a support', '1 b support', '1 c support', '1 d support']);
  });

  it('a gateway that answers from its cache asks nobody, and what it asks once counts once', () => {
    const again = asks('c2', { endMs: NOW_MS + 60 });
    expect(countAll([asks('c1'), relays('p1'), again])).toEqual(['2 shop support']);
    const twice = relays('p2', { endMs: NOW_MS + 1 });
    expect(countAll([asks('c1'), relays('p1'), twice])).toEqual(TWICE);
    expect(late(countAll([relays('p1'), asks('c1'), twice], knowing(HOST)))).toEqual(TWICE);
  });
});
