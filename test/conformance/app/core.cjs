'use strict';
// What an application may do with any call of a Stainless SDK, whichever endpoint: `create` makes the call.

const { subscribe, unsubscribe } = require('node:diagnostics_channel');
const { attempt, describe, describeResponse, drain, shapeOf, sleep } = require('./observe.cjs');

/** When the head of the next answer of a provider is there, by whichever of Node's clients. */
const nextAnswer = () =>
  new Promise((resolve) => {
    const channels = ['undici:request:headers', 'http.client.response.finish'];
    const onAnswer = ({ request }) => {
      // The receiver of spans answers too.
      if (request.path.endsWith('/v1/traces')) return;
      for (const name of channels) unsubscribe(name, onAnswer);
      resolve();
    };
    for (const name of channels) subscribe(name, onAnswer);
  });

/** Whether a chunk tells that the answer is over: what follows, if anything, is nothing that an application shows. */
const isLast = ({ type, choices }) =>
  /^(?:message_stop|response\.completed|image_\w+\.completed|transcript\.text\.done)$/.test(type) ||
  Boolean(choices?.[0]?.finish_reason);

/** Handling of a promise: scenario name → what the application does. */
const promiseScenarios = {
  plain: async (t) => describe(await t.create()),
  'promise-shape': async (t) => {
    const promise = t.create();
    const before = shapeOf(promise);
    await promise;
    return { before, after: shapeOf(promise) };
  },
  'awaited-twice': async (t) => {
    const promise = t.create();
    const [first, second] = [await promise, await promise];
    return { isSame: first === second, first: describe(first) };
  },
  'then-catch-finally': async (t) => {
    const seen = [];
    const value = await t
      .create()
      .then((data) => data)
      .catch(() => 'never')
      .finally((...args) => seen.push(args.length));
    return { seen, value: describe(value) };
  },
  'never-awaited': async (t) => {
    t.create();
    await sleep(60);
  },
  'with-response': async (t) => {
    const { data, response, request_id } = await t.create().withResponse();
    return { data: describe(data), response: describeResponse(response), request_id: typeof request_id };
  },
  'with-response-and-await': async (t) => {
    const promise = t.create();
    const { data } = await promise.withResponse();
    return { isSame: data === (await promise) };
  },
  'as-response-json': async (t) => {
    const response = await t.create().asResponse();
    const before = describeResponse(response);
    const body = describe(await response.json());
    return { before, body, after: describeResponse(response), again: await attempt(() => response.json()) };
  },
  'as-response-text': async (t) => describe(await (await t.create().asResponse()).text()),
  'as-response-body': async (t) => {
    const response = await t.create().asResponse();
    return describe(await readText(response.body));
  },
  'as-response-clone': async (t) => {
    const response = await t.create().asResponse();
    const copy = response.clone();
    return [describe(await copy.json()), describe(await response.json())];
  },
  'as-response-clone-url': async (t) => describeResponse((await t.create().asResponse()).clone()),
  'as-response-left': async (t) => {
    const response = await t.create().asResponse();
    for await (const _part of response.body) break;
    return describeResponse(response);
  },
  'as-response-cut': async (t) => {
    const response = await t.create().asResponse();
    return attempt(() => response.text());
  },
  'as-response-unread': async (t) => describeResponse(await t.create().asResponse()),
  'then-unwrap': async (t) => {
    const child = t.create()._thenUnwrap((data) => ({ wrapped: data }));
    const shape = shapeOf(child);
    return { shape, value: describe(await child) };
  },
  'then-unwrap-twice': async (t) => {
    const grandchild = t
      .create()
      ._thenUnwrap((data) => ({ wrapped: data }))
      ._thenUnwrap((data) => Object.keys(data));
    return describe(await grandchild);
  },
  'then-unwrap-with-response': async (t) => {
    const child = t.create()._thenUnwrap((data) => ({ wrapped: data }));
    const { data, response } = await child.withResponse();
    return { data: describe(data), status: response.status };
  },
  'then-unwrap-as-response': async (t) => {
    const child = t.create()._thenUnwrap((data) => data);
    return describe(await (await child.asResponse()).json());
  },
};

/** Failures and odd bodies, whichever endpoint. */
const failureScenarios = {
  'malformed-json': (t) => attempt(() => t.create()),
  'status-400': (t) => attempt(() => t.create()),
  'status-401': (t) => attempt(() => t.create()),
  'status-404': (t) => attempt(() => t.create()),
  'status-429-then-success': (t) => attempt(() => t.create({}, { maxRetries: 2 })),
  'status-500-then-success': (t) => attempt(() => t.create({}, { maxRetries: 2 })),
  'status-500-for-ever': (t) => attempt(() => t.create({}, { maxRetries: 1 })),
  'status-529': (t) => attempt(() => t.create()),
  'status-500-with-response': (t) => attempt(() => t.create().withResponse()),
  'status-500-as-response': (t) => attempt(() => t.create().asResponse()),
  'status-500-unhandled': async (t) => {
    t.create();
    await t.untilRejected();
  },
  'stream-status-429': (t) => attempt(() => t.create({ stream: true })),
  'connection-reset': (t) => attempt(() => t.create()),
  'connection-refused': (t) => attempt(() => t.create({}, {}, { isRefused: true })),
  timeout: (t) => attempt(() => t.create({}, { timeout: 80 })),
  'abort-before': (t) => attempt(() => t.create({}, { signal: AbortSignal.abort() })),
  'abort-waiting': (t) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    return attempt(() => t.create({}, { signal: controller.signal }));
  },
  'odd-empty-object': (t) => attempt(() => t.create()),
  'odd-null': (t) => attempt(() => t.create()),
  'odd-array': (t) => attempt(() => t.create()),
  'odd-text': (t) => attempt(() => t.create()),
  'odd-no-content': (t) => attempt(() => t.create()),
  'odd-wrong-types': (t) => attempt(() => t.create()),
  'no-usage': (t) => attempt(() => t.create()),
};

/** What is aborted and not read on: kept, so that it ends by nothing else. */
const kept = [];

/** Ways to read, break off and break a stream. */
const streamScenarios = {
  'stream-whole': async (t) => drain(await t.create({ stream: true })),
  'stream-shape': async (t) => {
    const stream = await t.create({ stream: true });
    const before = shapeOf(stream);
    const iterator = stream[Symbol.asyncIterator]();
    const shape = { ...shapeOf(iterator), members: Object.keys(shapeOf(iterator).members).sort() };
    const chunks = [];
    for (let result = await iterator.next(); !result.done; result = await iterator.next()) {
      chunks.push(Object.keys(result).join());
    }
    return { before, shape, chunks, after: shapeOf(stream), next: describe(await iterator.next()) };
  },
  'stream-with-response': async (t) => {
    const { data, response } = await t.create({ stream: true }).withResponse();
    return { stream: shapeOf(data), read: await drain(data), response: describeResponse(response) };
  },
  'stream-as-response-text': async (t) => {
    const response = await t.create({ stream: true }).asResponse();
    return describe(await response.text());
  },
  'stream-as-response-body': async (t) => {
    const response = await t.create({ stream: true }).asResponse();
    return describe(await readText(response.body));
  },
  'stream-as-response-left': async (t) => {
    const response = await t.create({ stream: true }).asResponse();
    for await (const _part of response.body) break;
    return describeResponse(response);
  },
  'stream-as-response-cut': async (t) => {
    const response = await t.create({ stream: true }).asResponse();
    return attempt(() => readText(response.body));
  },
  'stream-break': async (t) => {
    const stream = await t.create({ stream: true });
    let chunks = 0;
    for await (const _chunk of stream) if (++chunks === 2) break;
    return { chunks, isAborted: stream.controller.signal.aborted };
  },
  'stream-left-at-end': async (t) => {
    const stream = await t.create({ stream: true });
    let chunks = 0;
    for await (const chunk of stream) {
      chunks += 1;
      if (isLast(chunk)) break;
    }
    return { chunks, isAborted: stream.controller.signal.aborted };
  },
  'stream-left-before-usage': async (t) => {
    const stream = await t.create({ stream: true });
    for await (const chunk of stream) if (isLast(chunk)) break;
    return { isAborted: stream.controller.signal.aborted };
  },
  'stream-abort-at-end': async (t) => {
    const controller = new AbortController();
    const stream = await t.create({ stream: true }, { signal: controller.signal });
    return drain(stream, (_count, chunk) => isLast(chunk) && controller.abort());
  },
  'stream-as-response-left-at-end': async (t) => {
    const { body } = await t.create({ stream: true }).asResponse();
    let text = '';
    for await (const part of body) {
      text += Buffer.from(part).toString();
      if (/"message_stop"|"finish_reason":"stop"/.test(text)) break;
    }
    return text.length > 0;
  },
  'stream-throw-in-loop': async (t) => {
    const stream = await t.create({ stream: true });
    let chunks = 0;
    const end = await attempt(async () => {
      for await (const _chunk of stream) if (++chunks === 2) throw new RangeError('the application failed');
    });
    return { chunks, end, isAborted: stream.controller.signal.aborted };
  },
  'stream-return': async (t) => {
    const stream = await t.create({ stream: true });
    const iterator = stream[Symbol.asyncIterator]();
    const first = describe(await iterator.next());
    const returned = describe(await iterator.return('enough'));
    return {
      first,
      returned,
      next: describe(await iterator.next()),
      isAborted: stream.controller.signal.aborted,
    };
  },
  'stream-throw-by-hand': async (t) => {
    const stream = await t.create({ stream: true });
    const iterator = stream[Symbol.asyncIterator]();
    await iterator.next();
    return {
      thrown: await attempt(() => iterator.throw(new RangeError('stop'))),
      next: describe(await iterator.next()),
    };
  },
  'stream-tee': async (t) => {
    const stream = await t.create({ stream: true });
    const [left, right] = stream.tee();
    const [leftRead, rightRead] = await Promise.all([drain(left), drain(right)]);
    return { shape: shapeOf(left), leftRead, isSame: JSON.stringify(leftRead) === JSON.stringify(rightRead) };
  },
  'stream-tee-one-abandoned': async (t) => {
    const stream = await t.create({ stream: true });
    const [left, right] = stream.tee();
    let chunks = 0;
    for await (const _chunk of left) if (++chunks === 2) break;
    return { chunks, right: await drain(right) };
  },
  'stream-readable': async (t) => {
    const stream = await t.create({ stream: true });
    const readable = stream.toReadableStream();
    return { class: readable.constructor.name, text: describe(await readText(readable)) };
  },
  'stream-readable-cancelled': async (t) => {
    const stream = await t.create({ stream: true });
    const reader = stream.toReadableStream().getReader();
    const first = await reader.read();
    await reader.cancel();
    return { done: first.done, isAborted: stream.controller.signal.aborted };
  },
  'stream-iterated-twice': async (t) => {
    const stream = await t.create({ stream: true });
    return { first: await drain(stream), second: await drain(stream) };
  },
  'stream-abort-before': (t) => attempt(() => t.create({ stream: true }, { signal: AbortSignal.abort() })),
  'stream-abort-waiting': (t) => {
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 50);
    return attempt(() => t.create({ stream: true }, { signal: controller.signal }));
  },
  'stream-abort-inside': async (t) => {
    const controller = new AbortController();
    const stream = await t.create({ stream: true }, { signal: controller.signal });
    return drain(stream, (count) => count === 2 && controller.abort());
  },
  'stream-controller-abort': async (t) => {
    const stream = await t.create({ stream: true });
    return drain(stream, (count) => count === 2 && stream.controller.abort());
  },
  'stream-aborted-unread': async (t) => {
    const controller = new AbortController();
    kept.push(await t.create({ stream: true }, { signal: controller.signal }));
    controller.abort();
  },
  'stream-controller-aborted-unread': async (t) => {
    const stream = await t.create({ stream: true });
    kept.push(stream);
    stream.controller.abort();
  },
  // It has answered by then, and the SDK hands out the stream all the same.
  'stream-aborted-unawaited': async (t) => {
    const controller = new AbortController();
    const answered = nextAnswer();
    const promise = t.create({ stream: true }, { signal: controller.signal });
    await answered;
    await sleep(20);
    controller.abort();
    kept.push(await promise);
  },
  'stream-aborted-left': async (t) => {
    const controller = new AbortController();
    const iterator = (await t.create({ stream: true }, { signal: controller.signal }))[
      Symbol.asyncIterator
    ]();
    kept.push(iterator);
    const read = [describe(await iterator.next()), describe(await iterator.next())];
    controller.abort();
    return read;
  },
  'stream-as-response-aborted-unread': async (t) => {
    const controller = new AbortController();
    kept.push(await t.create({ stream: true }, { signal: controller.signal }).asResponse());
    controller.abort();
  },
  'stream-error-event': async (t) => drain(await t.create({ stream: true })),
  'stream-ended-early': async (t) => drain(await t.create({ stream: true })),
  'stream-unread': async (t) => shapeOf(await t.create({ stream: true })),
};

/** A stream of few chunks, cut after each of them. */
function cutScenarios(count) {
  const entries = Array.from({ length: count }, (_, after) => [
    `stream-cut-${after}`,
    async (t) => attempt(async () => drain(await t.create({ stream: true }))),
  ]);
  return Object.fromEntries(entries);
}

async function readText(readable) {
  const decoder = new TextDecoder();
  let text = '';
  for await (const part of readable) text += decoder.decode(part, { stream: true });
  return text;
}

module.exports = { promiseScenarios, failureScenarios, streamScenarios, cutScenarios };
