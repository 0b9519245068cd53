import { SpanKind } from '@opentelemetry/api';
import { expect, it } from 'vitest';
import { AttributeList } from '../../src/record/attribute-list.ts';
import { OwnSpan } from '../../src/record/own-span.ts';
import { SpanQueue } from '../../src/record/span-queue.ts';

const CONTEXT = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
const MIB = 1024 * 1024;

const createQueue = (maxSpans: number, maxBatch: number): SpanQueue =>
  new SpanQueue({ maxSpans, maxBatch, readResource: () => ({ 'service.name': 'shop' }) });

const createSpan = (name: string, content = ''): OwnSpan =>
  new OwnSpan(
    { name, kind: SpanKind.CLIENT, startMs: 0, attributes: AttributeList.from({ content }) },
    { context: CONTEXT, parent: undefined },
  );

/** The names of the spans in every body that waits, body by body. */
function takeAll(queue: SpanQueue): string[][] {
  const bodies: string[][] = [];
  for (let body = queue.take(); body !== undefined; body = queue.take()) {
    const { resourceSpans } = JSON.parse(Buffer.from(body.bytes).toString()) as {
      resourceSpans: { scopeSpans: { spans: { name: string }[] }[] }[];
    };
    bodies.push(resourceSpans.flatMap(({ scopeSpans }) => scopeSpans[0]!.spans.map(({ name }) => name)));
  }
  return bodies;
}

it('hands on what came in its order, a full body as soon as it is full', () => {
  const queue = createQueue(100, 2);
  const dues = ['a', 'b', 'c'].map((name) => {
    queue.add(createSpan(name));
    return queue.isDue;
  });
  expect(dues).toEqual([false, true, true]);
  expect(queue.size).toBe(3);
  expect(takeAll(queue)).toEqual([['a', 'b'], ['c']]);
  expect([queue.size, queue.isDue]).toEqual([0, false]);
});

it('refuses what is beyond its limit, and takes again what has room', () => {
  const queue = createQueue(3, 2);
  expect(['a', 'b', 'c', 'd'].map((name) => queue.add(createSpan(name)))).toEqual([true, true, true, false]);
  queue.take();
  expect(queue.add(createSpan('e'))).toBe(true);
  expect(takeAll(queue)).toEqual([['c', 'e']]);
});

it('closes a body before it is more than receivers take', () => {
  const queue = createQueue(100, 50);
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) queue.add(createSpan(name, 'x'.repeat(MIB)));
  expect(takeAll(queue)).toEqual([
    ['a', 'b', 'c', 'd'],
    ['e', 'f'],
  ]);
});

it('makes one body of what other threads have encoded, and counts it to its limit', () => {
  const encode = (...names: string[]) => {
    const thread = createQueue(100, 100);
    for (const name of names) thread.add(createSpan(name));
    return thread.take()!;
  };
  const queue = createQueue(5, 4);
  queue.add(createSpan('own'));
  expect([encode('a', 'b'), encode('c')].map((body) => queue.addEncoded(body))).toEqual([true, true]);
  expect([queue.size, queue.isDue]).toEqual([4, false]);
  expect(queue.addEncoded(encode('d', 'e'))).toBe(false);
  expect(queue.addEncoded(encode('d'))).toBe(true);
  expect([queue.size, queue.isDue]).toEqual([5, true]);
  expect(takeAll(queue)).toEqual([['a', 'b', 'c', 'd'], ['own']]);
  expect([queue.size, queue.isDue]).toEqual([0, false]);
});
