/** Calls that a service and the gateway that it asks both tell, each in a trace of its own: nobody has named the gateway. */
import { INSTRUMENTATION_SCOPE } from '@costspan/semconv';
import { describe, expect, it } from 'vitest';
import { Aggregate, type CallRecord, type TaskRecord } from '../src/index.ts';
import { arrivalOf, arrive, CENT, callOf, id, TRACE } from './arrivals.ts';
import { NOW_MS, task } from './records.ts';

const HOST = 'llm.internal:4000';
const traceOf = (name: string): string => TRACE.slice(0, -name.length) + name;
const own = { emitter: INSTRUMENTATION_SCOPE, responseId: 'chatcmpl-1' } as const;

/** A call that a service sends to its gateway. */
const asks = (name: string, differs: Partial<CallRecord> = {}): CallRecord =>
  named(
    callOf(name, '', {
      ...own,
      traceId: traceOf(`${name}aa`),
      service: 'shop',
      feature: 'support',
      tenant: 'acme',
      task: { id: `task-${name}`, name: 'resolve' },
      sentTo: HOST,
      endMs: NOW_MS + 5,
      durationSeconds: 0.3,
      ...differs,
    }),
  );
/** The one that the gateway makes for it. */
const relays = (name: string, differs: Partial<CallRecord> = {}): CallRecord =>
  named(
    callOf(name, '', {
      ...own,
      traceId: traceOf(`${name}bb`),
      service: 'gateway',
      feature: '/v1/chat/completions',
      userTier: '',
      tenant: '',
      task: { id: `request-${name}`, name: 'POST /v1/chat/completions' },
      sentTo: 'api.openai.com',
      askedAt: HOST,
      durationSeconds: 0.2,
      ...differs,
    }),
  );

/** Costspan's own reports name their task. */
function named({ seeksTask: _, ...call }: CallRecord): CallRecord {
  return call;
}

/** What is counted, by service and feature. */
function listCalls(aggregate: Aggregate): readonly string[] {
  return aggregate.series
    .filter(({ definition }) => definition.name === 'llm_calls_total')
    .flatMap((set) => [...set.values()])
    .flatMap((series) => {
      const [service, , feature] = series.labels;
      const count = 'value' in series ? Number(series.value) : 0;
      return count === 0 ? [] : [`${count} ${service} ${feature}`];
    })
    .sort();
}
function countAll(calls: readonly CallRecord[], aggregate = new Aggregate()): readonly string[] {
  for (const one of calls) arrive(aggregate, [arrivalOf(one)]);
  aggregate.settle(NOW_MS + 60_001);
  return listCalls(aggregate);
}
/** They wait. */
function countNone(aggregate: Aggregate, calls: readonly CallRecord[]): void {
  for (const one of calls) arrive(aggregate, [arrivalOf(one)]);
}
const TWICE = ['1 gateway /v1/chat/completions', '1 shop support'];
const early = { feature: 'early', tokens: { ...asks('e0').tokens!, input: 9 } };
/** Calls that were sent there before: it is known that somebody does. */
const knowing = (...hosts: readonly string[]): Aggregate => {
  const aggregate = new Aggregate();
  for (const [index, sentTo] of hosts.entries())
    arrive(aggregate, [arrivalOf(asks(`e${index}`, { ...early, responseId: `early-${index}`, sentTo }))]);
  return aggregate;
};
const late = (rows: readonly string[]): readonly string[] => rows.filter((row) => !row.includes('early'));

describe('one call of a service and of its gateway', () => {
  it('counts once and for the service, whose report comes first', () => {
    const aggregate = new Aggregate();
    expect(countAll([asks('c1'), relays('p1')], aggregate)).toEqual(['1 shop support']);
    expect(aggregate.findTask('task-c1')?.costPicoUsd).toBe(CENT);
    expect(aggregate.totals()).toMatchObject({ callsPicoUsd: CENT, heldPicoUsd: 0n });
    expect(aggregate.work).toMatchObject({ nestedCalls: 1, suspected: [] });
  });

  it('counts once for the gateway where that tells first and nobody was known to ask it', () => {
    const aggregate = new Aggregate();
    expect(countAll([relays('p1'), asks('c1')], aggregate)).toEqual(['1 gateway /v1/chat/completions']);
    expect(aggregate.work).toMatchObject({ nestedCalls: 1, suspected: [] });
  });

  it('waits for the service where calls have been sent to that gateway before', () => {
    const aggregate = knowing(HOST);
    arrive(aggregate, [arrivalOf(relays('p1'))]);
    expect(late(listCalls(aggregate))).toEqual([]);
    expect(aggregate.totals().heldPicoUsd).toBe(CENT);
    expect(late(countAll([asks('c1')], aggregate))).toEqual(['1 shop support']);
    expect(aggregate.findTask('task-c1')?.costPicoUsd).toBe(CENT);
    expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 2n * CENT, heldPicoUsd: 0n });
  });

  it('waits no longer than for a feature, and not at all where no wait is configured', () => {
    const aggregate = knowing(HOST);
    arrive(aggregate, [arrivalOf(relays('p1'))]);
    aggregate.settle(NOW_MS + 59_999);
    expect(late(listCalls(aggregate))).toEqual([]);
    aggregate.settle(NOW_MS + 60_000);
    expect(late(listCalls(aggregate))).toEqual(['1 gateway /v1/chat/completions']);
    expect(late(countAll([asks('c1')], aggregate))).toEqual(['1 gateway /v1/chat/completions']);
    const hasty = new Aggregate({ featureWaitMs: 0 });
    countAll([asks('e1', { ...early, responseId: 'early' })], hasty);
    arrive(hasty, [arrivalOf(relays('p1'))]);
    expect(late(listCalls(hasty))).toEqual(['1 gateway /v1/chat/completions']);
  });

  it.each(['before', 'after'] as const)('is known after a restart, what told first %s it', (when) => {
    for (const [first, second] of [
      [asks('c1'), relays('p1')],
      [relays('p1'), asks('c1')],
    ] as const) {
      const before = knowing(HOST);
      if (when === 'before') arrive(before, [arrivalOf(first)]);
      const after = Aggregate.restore([...before.readState()], {});
      if (when === 'after') arrive(after, [arrivalOf(first)]);
      expect(late(countAll([second], after))).toEqual(['1 shop support']);
      expect(after.totals()).toMatchObject({ callsPicoUsd: 2n * CENT, heldPicoUsd: 0n });
    }
  });

  it('counts what else a gateway has tried before', () => {
    const { tokens: _, costPicoUsd: __, responseId: ___, ...bare } = relays('p1');
    const failed: CallRecord = { ...bare, status: 'error' };
    const dear = relays('p2', { responseId: 'chatcmpl-0' });
    const aggregate = new Aggregate();
    const counted = countAll([asks('c1'), failed, dear, relays('p3')], aggregate);
    expect(counted.filter((row) => row === '1 gateway /v1/chat/completions')).toHaveLength(2);
    expect(counted).toContain('1 shop support');
    expect(aggregate.totals().callsPicoUsd).toBe(2n * CENT);
  });

  it('counts as many as there were where all have one id', () => {
    const names = Array.from({ length: 200 }, (_, index) => `${index}`.padStart(3, '0'));
    const callers = names.map((name, index) => asks(`c${name}`, { endMs: NOW_MS + 5 + index * 50 }));
    const parts = names.map((name, index) => relays(`d${name}`, { endMs: NOW_MS + index * 50 }));
    for (const calls of [
      [...callers, ...parts],
      [...callers, ...[...parts].reverse()],
      callers.flatMap((caller, index) => [caller, parts[index]!]),
      callers.flatMap((caller, index) => [parts[index]!, caller]),
      [...parts, ...[...callers].reverse()],
    ]) {
      const aggregate = knowing(HOST);
      expect(late(countAll(calls, aggregate))).toEqual(['200 shop support']);
      expect(aggregate.work.suspected).toEqual([]);
    }
  });

  it('pairs what used as much, of several with one id', () => {
    const more = { tokens: { ...asks('c1').tokens!, input: 77 }, costPicoUsd: 2 * Number(CENT) };
    const aggregate = new Aggregate();
    countAll([asks('c1'), relays('p2', more), relays('p1'), asks('c2', more)], aggregate);
    expect(aggregate.totals().callsPicoUsd).toBe(3n * CENT);
  });
});

describe('the request to a gateway', () => {
  const request = (name: string, differs: Partial<TaskRecord> = {}): TaskRecord =>
    task({ id: `request-${name}`, name: 'POST /v1/chat/completions', outcome: 'success', ...differs });
  const tasksOf = (aggregate: Aggregate): readonly string[] =>
    [...aggregate.tasks]
      .filter(({ id: taskId }) => taskId.startsWith('request'))
      .map((one) => `${one.id} ${one.outcome} ${one.costPicoUsd}`);

  it('is no task where the service has told the call, before or after', () => {
    const before = new Aggregate();
    countAll([asks('c1'), relays('p1')], before);
    before.recordTask(request('p1'), NOW_MS);
    expect(tasksOf(before)).toEqual([]);
    const after = knowing(HOST);
    arrive(after, [arrivalOf(relays('p1'))]);
    after.recordTask(request('p1'), NOW_MS);
    countAll([asks('c1')], after);
    expect(tasksOf(after)).toEqual([]);
  });

  it('is one where nobody has, also after a restart, with the outcome that it had', () => {
    for (const restart of [false, true]) {
      const first = knowing(HOST);
      arrive(first, [arrivalOf(relays('p1'))]);
      first.recordTask(request('p1'), NOW_MS);
      const aggregate = restart ? Aggregate.restore([...first.readState()], {}) : first;
      expect(tasksOf(aggregate)).toEqual([]);
      aggregate.settle(NOW_MS + 60_001);
      expect(tasksOf(aggregate)).toEqual([`request-p1 success ${CENT}`]);
    }
  });

  it('is one where something else was asked for it, whichever was told first', () => {
    const of = { task: relays('p1').task! };
    const other = relays('p2', {
      ...of,
      responseId: 'chatcmpl-2',
      tokens: { ...asks('c1').tokens!, input: 8 },
    });
    for (const calls of [
      [asks('c1'), relays('p1'), other],
      [asks('c1'), other, relays('p1')],
      [relays('p1'), other, asks('c1')],
      [other, relays('p1'), asks('c1')],
    ]) {
      for (const at of [0, 1, 2, 3]) {
        const aggregate = knowing(HOST);
        for (const [index, one] of calls.entries()) {
          if (index === at && calls.slice(0, at).includes(other)) aggregate.recordTask(request('p1'), NOW_MS);
          arrive(aggregate, [arrivalOf(one)]);
        }
        if (!calls.slice(0, at).includes(other) || at === 3) aggregate.recordTask(request('p1'), NOW_MS);
        aggregate.settle(NOW_MS + 60_001);
        expect(tasksOf(aggregate)).toEqual([`request-p1 success ${CENT}`]);
      }
    }
  });

  it('is judged by other rules where they change meanwhile', () => {
    const aggregate = knowing(HOST);
    arrive(aggregate, [arrivalOf(relays('p1'))]);
    aggregate.recordTask(request('p1', { evidence: 1n }), NOW_MS);
    const next = aggregate.under({}, (bits) => bits << 4n);
    const [part] = [...next.readState()].flatMap((one) => (one.part === 'relayed_tasks' ? one.tasks : []));
    expect(part?.[1].record?.evidence).toBe(16n);
  });
});

/** As a provider gives them: each one once. */
const RARE_ID = 'chatcmpl-BvQ3o1u7mXc8Kp2Lw9ZtYrNd';

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

describe('a chain of two gateways', () => {
  const caller = asks('c1');
  const first = relays('p1', { sentTo: 'far:5000', endMs: NOW_MS + 3 });
  const second = relays('p2', { service: 'far', askedAt: 'far:5000' });
  const ORDERS = [
    [caller, first, second],
    [caller, second, first],
    [first, caller, second],
    [first, second, caller],
    [second, caller, first],
    [second, first, caller],
  ];
  it.each(ORDERS)('counts once for the service, once it is known (%#)', (...calls) => {
    const aggregate = knowing(HOST, 'far:5000');
    expect(late(countAll(calls, aggregate))).toEqual(['1 shop support']);
    expect(aggregate.work).toMatchObject({ nestedCalls: 2, suspected: [] });
    expect(aggregate.totals()).toMatchObject({ callsPicoUsd: 3n * CENT, heldPicoUsd: 0n });
  });

  it('counts once where the one between tells nothing, by an id that a provider has given', () => {
    const { askedAt: _, ...untold } = first;
    for (const calls of [
      [caller, second],
      [second, caller],
    ]) {
      const known = calls.map((call) => ({ ...call, responseId: RARE_ID }));
      expect(countAll(known)).toHaveLength(1);
      expect(late(countAll([{ ...untold, responseId: RARE_ID }, ...known], knowing(HOST)))).not.toEqual([]);
    }
  });

  it('tells of the one that had to be counted twice', () => {
    const aggregate = knowing(HOST);
    expect(late(countAll([caller, second, first], aggregate))).toHaveLength(2);
    expect(aggregate.work.suspected).toContainEqual({ service: 'shop', gateway: 'far', calls: 1 });
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

it('another emitter below the gateway tells the same call, too', () => {
  const below = callOf('q1', 'p1', {
    emitter: 'openinference.instrumentation.openai',
    responseId: 'chatcmpl-1',
    traceId: relays('p1').traceId,
    service: 'gateway',
    durationSeconds: 0.1,
  });
  const beside = { ...below, spanId: id('q2'), traceId: asks('c1').traceId, service: 'shop' };
  expect(countAll([asks('c1'), { ...beside, parentSpanId: id('c1') }, relays('p1'), below])).toEqual([
    '1 shop support',
  ]);
});
