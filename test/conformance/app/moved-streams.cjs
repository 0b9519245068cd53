'use strict';
// An application that hands a streamed answer on in every way that the platform has, and reads it there to its end.

const { createHash } = require('node:crypto');
const { Readable, Writable, pipeline } = require('node:stream');
const { text } = require('node:stream/consumers');
const { Worker } = require('node:worker_threads');
const { port } = require('./hosts.cjs');
const { attempt, describe, sleep } = require('./observe.cjs');

const messages = [{ role: 'user', content: 'canary-prompt: how far is the moon?' }];
const openai = (model) => ({ model, messages, stream: true });
const withUsage = (model) => ({ ...openai(model), stream_options: { include_usage: true } });
const anthropic = (model) => ({ ...openai(model), max_tokens: 64 });

/** Stands for whatever reads what it is posted. */
const READER = `
const { parentPort } = require('node:worker_threads');
parentPort.on('message', async (stream) => {
  const decoder = new TextDecoder();
  let text = '';
  for await (const part of stream) text += typeof part === 'string' ? part : decoder.decode(part, { stream: true });
  parentPort.postMessage(text);
});`;

async function readInWorker(stream) {
  const worker = new Worker(READER, { eval: true, execArgv: [], env: {} });
  const read = new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  worker.postMessage(stream, [stream]);
  const said = await read;
  await worker.terminate();
  return said;
}

function collect() {
  const parts = [];
  const decoder = new TextDecoder();
  const write = (part) =>
    parts.push(typeof part === 'string' ? part : decoder.decode(part, { stream: true }));
  return { write, said: () => parts.join('') };
}

async function readByob(stream) {
  const reader = stream.getReader({ mode: 'byob' });
  const { write, said } = collect();
  for (;;) {
    const { value, done } = await reader.read(new Uint8Array(64));
    if (done) return said();
    write(value);
  }
}

/** What is done with the `ReadableStream` of an answer. */
const WAYS = {
  tee: async (stream) => Promise.all(stream.tee().map((half) => text(half))),
  pipeTo: async (stream) => {
    const { write, said } = collect();
    await stream.pipeTo(new WritableStream({ write }));
    return said();
  },
  pipeThrough: (stream) => text(stream.pipeThrough(new TransformStream())),
  decoded: async (stream) => {
    const { write, said } = collect();
    for await (const part of stream.pipeThrough(new TextDecoderStream())) write(part);
    return said();
  },
  fromWeb: async (stream) => {
    const { write, said } = collect();
    for await (const part of Readable.fromWeb(stream)) write(part);
    return said();
  },
  pipeline: (stream) =>
    new Promise((resolve, reject) => {
      const { write, said } = collect();
      const sink = new Writable({
        write: (part, _encoding, done) => {
          write(part);
          done();
        },
      });
      pipeline(Readable.fromWeb(stream), sink, (error) => (error ? reject(error) : resolve(said())));
    }),
  'web-pipeline': async (stream) => {
    const { write, said } = collect();
    await require('node:stream/promises').pipeline(stream, new WritableStream({ write }));
    return said();
  },
  cloned: (stream) => text(structuredClone(stream, { transfer: [stream] })),
  posted: (stream) => {
    const { port1, port2 } = new MessageChannel();
    return new Promise((resolve) => {
      port2.onmessage = ({ data }) => resolve(text(data).finally(() => port1.close()));
      port1.postMessage(stream, [stream]);
    });
  },
  worker: readInWorker,
  response: (stream) => new Response(stream).text(),
  'response-blob': async (stream) => (await new Response(stream).blob()).text(),
  'response-clone': async (stream) => {
    const response = new Response(stream);
    return Promise.all([response.clone().text(), response.text()]);
  },
  values: async (stream) => {
    const { write, said } = collect();
    for await (const part of stream.values({ preventCancel: true })) write(part);
    return said();
  },
  byob: readByob,
};

const require7 = () => require('openai-7').OpenAI;
const at = (host, path) => `http://${host}:${port}${path}`;
const optionsOf = (baseURL) => ({ apiKey: 'canary-key', baseURL, maxRetries: 0 });
const createOpenai = (Sdk = require7()) => new Sdk(optionsOf(at('api.openai.com', '/v1')));
const createAnthropic = () => {
  const { Anthropic } = require('anthropic-1');
  return new Anthropic(optionsOf(at('api.anthropic.com', '')));
};

/** Where the `ReadableStream` comes from. */
const SOURCES = {
  fetch: async (model) => {
    const headers = { 'content-type': 'application/json' };
    const init = { method: 'POST', headers, body: JSON.stringify(withUsage(model)) };
    return (await fetch(at('api.openai.com', '/v1/chat/completions'), init)).body;
  },
  'openai-raw': async (model) =>
    (await createOpenai().chat.completions.create(withUsage(model)).asResponse()).body,
  'openai-raw-unasked': async (model) =>
    (await createOpenai().chat.completions.create(openai(model)).asResponse()).body,
  'openai-stream': async (model) =>
    (await createOpenai().chat.completions.create(openai(model))).toReadableStream(),
  'openai-helper': (model) => createOpenai().chat.completions.stream(openai(model)).toReadableStream(),
  'openai-4-stream': async (model) =>
    (
      await createOpenai(require('openai-4').OpenAI).chat.completions.create(openai(model))
    ).toReadableStream(),
  'openai-4-raw': async (model) =>
    Readable.toWeb(
      (await createOpenai(require('openai-4').OpenAI).chat.completions.create(openai(model)).asResponse())
        .body,
    ),
  'anthropic-raw': async (model) =>
    (await createAnthropic().messages.create(anthropic(model)).asResponse()).body,
  'anthropic-stream': async (model) =>
    (await createAnthropic().messages.create(anthropic(model))).toReadableStream(),
  'anthropic-helper': (model) => createAnthropic().messages.stream(anthropic(model)).toReadableStream(),
};

/** A digest tells two answers apart as well, and can be read where they differ. The stand-in makes ids of what it is asked. */
const digest = (said) =>
  [said].flat().map((one) => {
    const settled = describe(one).replace(/(?:chatcmpl-|msg_)\w+/g, 'id');
    return `${one.length} ${createHash('sha256').update(settled).digest('hex').slice(0, 12)}`;
  });

async function main() {
  for (const [source, open] of Object.entries(SOURCES))
    for (const [way, read] of Object.entries(WAYS)) {
      const model = `moved/${source}/${way}`;
      const observed = await attempt(async () => digest(await read(await open(model))));
      console.log(JSON.stringify({ scenario: model, observed }));
    }
  await sleep(250);
  process.exit(0);
}

void main();
