import http from 'node:http';
import { withAttributes, withFeature, withTask } from '@costspan/api';
import * as otel from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { removeFromBaggage, withoutCostspanBaggage } from '../../src/attribution/baggage.ts';
import { ActiveOtel } from '../../src/attribution/otel.ts';
import { ask, serve, until } from './served.ts';
import { resolve, startInMemory } from './started.ts';

const started = startInMemory();
const { attributor, spans, takeSpans } = started;
beforeAll(() => {
  otel.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
});
afterEach(() => expect(started.errors.splice(0)).toEqual([]));
afterAll(() => {
  attributor.stop();
  otel.context.disable();
});

const readActive = (): object =>
  Object.fromEntries(
    (otel.propagation.getActiveBaggage()?.getAllEntries() ?? []).map(([key, { value }]) => [key, value]),
  );
const withReceived = <T>(entries: Record<string, string>, fn: () => T): T => {
  const baggage = otel.propagation.createBaggage(
    Object.fromEntries(Object.entries(entries).map(([key, value]) => [key, { value }])),
  );
  return otel.context.with(otel.propagation.setBaggage(otel.context.active(), baggage), fn);
};
const spanContext = (spanId: string): otel.SpanContext => ({
  traceId: 'e'.repeat(32),
  spanId,
  traceFlags: 1,
});

test('as long as nobody has registered a context manager, OpenTelemetry is not even loaded', () => {
  otel.context.disable();
  const active = new ActiveOtel(() => {
    throw new Error('loaded');
  });
  expect([active.read(), active.readContext()]).toEqual([undefined, undefined]);
  otel.context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  expect(() => active.read()).toThrow('loaded');
});

describe('what leaves the process', () => {
  test('is the scope, beside the baggage of the application', async () => {
    const seen = await withReceived({ 'app.key': 'kept' }, () =>
      withFeature('support', () =>
        withAttributes({ userTier: 'pro', tenant: 'acme', userId: 'u1', sessionId: 's1' }, () =>
          withTask('resolve', { id: 'ticket-7' }, async () => readActive()),
        ),
      ),
    );
    expect(seen).toEqual({
      'app.key': 'kept',
      'costspan.feature': 'support',
      'costspan.user.tier': 'pro',
      'costspan.tenant': 'acme',
      'user.id': 'u1',
      'session.id': 's1',
      'costspan.task.id': 'ticket-7',
      'costspan.task.name': 'resolve',
    });
    expect(readActive()).toEqual({});
    takeSpans();
  });

  test('is nothing of ours in a request to a model provider', () => {
    withReceived({ 'app.key': 'kept' }, () =>
      withFeature('support', () => {
        const bare = withoutCostspanBaggage(otel, otel.context.active());
        expect(otel.context.with(bare, readActive)).toEqual({ 'app.key': 'kept' });
      }),
    );
    const active = otel.context.active();
    expect(withoutCostspanBaggage(otel, active)).toBe(active);
    withReceived({ 'app.key': 'kept' }, () => {
      const untouched = otel.context.active();
      expect(withoutCostspanBaggage(otel, untouched)).toBe(untouched);
    });
  });
});

describe('what comes from another process', () => {
  test('is the task and its scope, only the known keys, bounded', () => {
    const received = {
      'costspan.feature': 'x'.repeat(1000),
      'costspan.task.id': 'ticket-7',
      'costspan.task.name': 'resolve',
      'costspan.user.tier': 'free',
      'costspan.cost.input': '0',
      'other.tenant': 'evil',
    };
    const { task, ...rest } = withReceived(received, () => attributor.resolve());
    expect(rest).toEqual({
      feature: 'x'.repeat(256),
      taskId: 'ticket-7',
      taskName: 'resolve',
      userTier: 'free',
    });
    expect([task?.span, task?.calls]).toEqual([undefined, 0]);
  });

  test('yields to what is said here', () => {
    const seen = withReceived(
      { 'costspan.feature': 'there', 'costspan.task.id': 'there', 'costspan.tenant': 'acme' },
      () => [withFeature('here', () => resolve(started)), withTask('here', () => resolve(started))],
    );
    expect(seen).toEqual([
      { feature: 'here', tenant: 'acme' },
      { feature: 'there', taskName: 'here', tenant: 'acme' },
    ]);
    expect(spans[0]?.attributes['costspan.task.parent.id']).toBe('there');
    takeSpans();
  });
});

describe('the parent of a call', () => {
  const activate = <T>(spanId: string, fn: () => T): T =>
    otel.context.with(otel.trace.setSpanContext(otel.context.active(), spanContext(spanId)), fn);

  test('is the task, unless the application has a span of its own inside of it', () => {
    const [around, inside] = ['a'.repeat(16), 'b'.repeat(16)];
    const seen = activate(around, () =>
      withTask('resolve', () => [
        attributor.resolve().parent?.spanId,
        activate(inside, () => attributor.resolve().parent?.spanId),
      ]),
    );
    expect(seen).toEqual([spans[0]?.spanId, undefined]);
    takeSpans();
  });
});

test('the route and span of OpenTelemetry’s own HTTP instrumentation are used', async () => {
  const key = otel.createContextKey('OpenTelemetry SDK Context Key RPC_METADATA');
  const span = otel.trace.wrapSpanContext(spanContext('c'.repeat(16)));
  const context = otel.trace
    .setSpan(otel.ROOT_CONTEXT, span)
    .setValue(key, { type: 'http', route: '/hapi/{id}', span });
  const server = http.createServer((_request, response) =>
    otel.context.with(context, () => {
      const { parent, feature } = attributor.resolve();
      response.end(`${feature} ${parent?.spanId === spans[0]?.spanId}`);
    }),
  );
  const answer = await serve(server, (port) => ask(port, '/hapi/nine'));
  await until(() => spans[0]?.isEnded === true);
  expect(answer.body).toBe('/hapi/{id} true');
  expect(spans[0]?.parent).toEqual(spanContext('c'.repeat(16)));
  takeSpans();
});

test('a route that another instrumentation has written on the active span is used', async () => {
  const span = otel.trace.wrapSpanContext(spanContext('c'.repeat(16)));
  // As the SDK's spans have it, and those of SvelteKit, Sentry and others carry it.
  Object.assign(span, { attributes: { 'http.route': '/users/[name]' } });
  const server = http.createServer((_request, response) =>
    otel.context.with(otel.trace.setSpan(otel.ROOT_CONTEXT, span), () => {
      response.end(attributor.resolve().feature);
    }),
  );
  const answer = await serve(server, (port) => ask(port, '/users/alice'));
  await until(() => spans[0]?.isEnded === true);
  expect(answer.body).toBe('/users/[name]');
  expect(spans[0]?.attributes['http.route']).toBe('/users/[name]');
  takeSpans();
});

test.each([
  ['app.key=kept', 'app.key=kept'],
  ['costspan.task.id=t1', ''],
  ['a=1;p=2, costspan.feature = x;q ,b=%2C', 'a=1;p=2,b=%2C'],
  ['costspan.featured=1,user.id=u1', 'costspan.featured=1'],
  ['', ''],
])('of the baggage %s a provider gets %s', (text, rest) => expect(removeFromBaggage(text)).toBe(rest));
