'use strict';
// What an application may do with any call of any SDK: `t.call` makes one, `t.stream` a streamed one.

const { Readable } = require('node:stream');
const { attempt, describe, drain, shapeOf, sleep } = require('../../app/observe.cjs');

const promiseScenarios = {
  plain: async (t) => describe(await t.call()),
  'promise-shape': async (t) => {
    const promise = t.call();
    const before = shapeOf(promise);
    await promise;
    return { before, after: shapeOf(promise) };
  },
  'awaited-twice': async (t) => {
    const promise = t.call();
    const [first, second] = [await promise, await promise];
    return { isSame: first === second, first: describe(first) };
  },
  'then-catch-finally': async (t) => {
    const seen = [];
    const value = await t
      .call()
      .then((data) => data)
      .catch(() => 'never')
      .finally((...args) => seen.push(args.length));
    return { seen, value: describe(value) };
  },
};

const failureScenarios = {
  'status-400': (t) => attempt(() => t.call()),
  'status-401': (t) => attempt(() => t.call()),
  'status-404': (t) => attempt(() => t.call()),
  'status-500': (t) => attempt(() => t.call()),
  'status-500-unhandled': async (t) => {
    t.call();
    await t.untilRejected();
  },
  'malformed-json': (t) => attempt(() => t.call()),
  'connection-reset': (t) => attempt(() => t.call()),
  'odd-empty-object': (t) => attempt(() => t.call()),
  'odd-null': (t) => attempt(() => t.call()),
  'odd-array': (t) => attempt(() => t.call()),
  'odd-wrong-types': (t) => attempt(() => t.call()),
};

/** For SDKs that take a signal with a call. */
const abortScenarios = {
  'abort-before': (t) => attempt(() => t.call({ signal: AbortSignal.abort() })),
  'abort-waiting': (t) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    return attempt(() => t.call({ signal: controller.signal }));
  },
};

const streamScenarios = {
  'stream-whole': async (t) => {
    const stream = await t.stream();
    const before = shapeOf(stream);
    return { before, read: await drain(stream), after: shapeOf(stream) };
  },
  'stream-break': async (t) => {
    let chunks = 0;
    for await (const _chunk of await t.stream()) if (++chunks === 2) break;
    return { chunks };
  },
  'stream-throw-in-loop': async (t) => {
    const stream = await t.stream();
    return drain(stream, (count) => {
      if (count === 2) throw new RangeError('canary: the application stopped reading');
    });
  },
  'stream-return': async (t) => {
    const iterator = (await t.stream())[Symbol.asyncIterator]();
    const first = describe(await iterator.next());
    const returned = describe(await iterator.return('enough'));
    return { first, returned, next: await attempt(() => iterator.next()) };
  },
  'stream-throw-by-hand': async (t) => {
    const iterator = (await t.stream())[Symbol.asyncIterator]();
    await iterator.next();
    return {
      thrown: await attempt(() => iterator.throw?.(new RangeError('stop'))),
      next: await attempt(() => iterator.next()),
    };
  },
  'stream-iterated-twice': async (t) => {
    const stream = await t.stream();
    return { first: await drain(stream), second: await attempt(() => drain(stream)) };
  },
  'stream-ended-early': async (t) => attempt(async () => drain(await t.stream())),
  'stream-status-429': (t) => attempt(() => t.stream()),
};

/** What is aborted and not read on: kept, so that it ends by nothing else. */
const kept = [];

/** By the signal that an application gave with the call. */
const abort = (_stream, controller) => controller.abort();

/** For SDKs that can stop a stream: `t.abort(stream)`. */
const streamAbortScenarios = {
  'stream-abort-inside': async (t) => {
    const controller = new AbortController();
    const stream = await t.stream({ signal: controller.signal });
    return drain(stream, (count) => count === 2 && t.abort(stream, controller));
  },
  'stream-aborted-unread': async (t) => {
    const controller = new AbortController();
    const stream = await t.stream({ signal: controller.signal });
    kept.push(stream);
    t.abort(stream, controller);
    return { chunks: [] };
  },
  'stream-aborted-left': async (t) => {
    const controller = new AbortController();
    const stream = await t.stream({ signal: controller.signal });
    const iterator = stream[Symbol.asyncIterator]();
    kept.push(iterator);
    const chunks = [describe(await iterator.next()), describe(await iterator.next())];
    t.abort(stream, controller);
    return { chunks };
  },
};

/** For streams that are Node's `ReadableStream`. */
const readableScenarios = {
  'stream-tee': async (t) => {
    const [left, right] = (await t.stream()).tee();
    const [leftRead, rightRead] = await Promise.all([drain(left), drain(right)]);
    return { leftRead, isSame: JSON.stringify(leftRead) === JSON.stringify(rightRead) };
  },
  'stream-tee-one-abandoned': async (t) => {
    const [left, right] = (await t.stream()).tee();
    const reader = left.getReader();
    for (let chunks = 0; chunks < 2; chunks += 1) await reader.read();
    // It is cancelled once both branches are: nobody waits for that before the other is read.
    const cancelled = reader.cancel();
    return { right: await drain(right), cancelled: await attempt(() => cancelled) };
  },
  'stream-reader': async (t) => {
    const reader = (await t.stream()).getReader();
    const read = [];
    for (let result = await reader.read(); result.done !== true; result = await reader.read()) {
      read.push(describe(result.value));
    }
    return read;
  },
  'stream-reader-cancelled': async (t) => {
    const reader = (await t.stream()).getReader();
    const first = await reader.read();
    await reader.cancel();
    return { done: first.done };
  },
  'stream-from-web': async (t) => drain(Readable.fromWeb(await t.stream(), { objectMode: true })),
  'stream-piped': async (t) => {
    const chunks = [];
    await (await t.stream()).pipeTo(
      new WritableStream({ write: (chunk) => void chunks.push(describe(chunk)) }),
    );
    return chunks;
  },
};

/** An application that has been told how the answer ended, and leaves. */
const leftAtEnd = (last) => ({
  'stream-left-at-end': async (t) => {
    let chunks = 0;
    for await (const _chunk of await t.stream()) if (++chunks === last) break;
    return { chunks };
  },
});

/** A stream cut after each of its events. */
function cutScenarios(count) {
  const cut = (t) => attempt(async () => drain(await t.stream()));
  return Object.fromEntries(Array.from({ length: count }, (_, after) => [`stream-cut-${after}`, cut]));
}

/** The scenarios whose name matches; all where nothing is asked for. */
const pick = (scenarios, only) =>
  Object.fromEntries(Object.entries(scenarios).filter(([name]) => only === undefined || only.test(name)));

/**
 * Scenarios of one endpoint of an SDK's module: what its calls can do decides, so nothing is listed twice.
 */
function scenariosOf(endpoint) {
  return {
    ...(endpoint.call === undefined ? {} : { ...promiseScenarios, ...failureScenarios }),
    ...(endpoint.takesSignal ? abortScenarios : {}),
    ...(endpoint.stream === undefined ? {} : pick(streamScenarios, endpoint.only)),
    ...(endpoint.last === undefined ? {} : leftAtEnd(endpoint.last)),
    ...cutScenarios(endpoint.cuts ?? 0),
    ...(endpoint.abort === undefined ? {} : streamAbortScenarios),
    ...(endpoint.isReadable ? readableScenarios : {}),
    ...endpoint.scenarios,
  };
}

module.exports = { abort, scenariosOf, sleep };
