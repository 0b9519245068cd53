/** Calls that a service and the gateway that it asks both tell, each in a trace of its own: nobody has named the gateway. */
import { describe, expect, it } from 'vitest';
import { Aggregate, type CallRecord, type TaskRecord } from '../src/index.ts';
import { arrivalOf, arrive, CENT, callOf, id } from './arrivals.ts';
import { asks, countAll, early, HOST, knowing, late, listCalls, RARE_ID, relays } from './gateway-calls.ts';
import { NOW_MS, task } from './records.ts';

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
