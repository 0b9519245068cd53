'use strict';
// What an application does with @anthropic-ai/sdk, 0.30 to 1.x.

const { cutScenarios, failureScenarios, promiseScenarios, streamScenarios } = require('./core.cjs');
const { attempt, describe, drain, shapeOf } = require('./observe.cjs');

const question = [{ role: 'user', content: 'canary-prompt: how far is the moon?' }];
const bodyOf = (t, extra) => ({ model: t.name, max_tokens: 64, messages: question, ...extra });

/** The beta resource was `promptCaching` before it held all of messages. */
const betaOf = (t) => t.client.beta.messages ?? t.client.beta.promptCaching.messages;

/** Endpoint → how a call of it is made. */
const creators = {
  messages: (t, extra, options) => t.client.messages.create(bodyOf(t, extra), options),
  'beta.messages': (t, extra, options) => betaOf(t).create(bodyOf(t, extra), options),
  completions: (t, extra, options) =>
    t.client.completions.create(
      { model: t.name, max_tokens_to_sample: 64, prompt: 'canary-prompt: how far?', ...extra },
      options,
    ),
  'messages.count_tokens': (t, _extra, options) =>
    t.client.messages.countTokens({ model: t.name, messages: question }, options),
};

const listen = (emitter, names) => {
  const events = [];
  for (const name of names) emitter.on(name, (...args) => events.push([name, describe(args[0])]));
  return events;
};

const helperScenarios = (resourceOf) => ({
  'helper-stream': async (t) => {
    const stream = resourceOf(t).stream(bodyOf(t));
    const events = listen(stream, ['text', 'message', 'finalMessage', 'end', 'error', 'abort']);
    return { shape: shapeOf(stream), message: describe(await stream.finalMessage()), events };
  },
  'helper-stream-iterated': async (t) => drain(resourceOf(t).stream(bodyOf(t))),
  'helper-stream-break': async (t) => {
    const stream = resourceOf(t).stream(bodyOf(t));
    let chunks = 0;
    for await (const _chunk of stream) if (++chunks === 3) break;
    return { chunks, end: await attempt(() => stream.done()) };
  },
  'helper-stream-failed': (t) => attempt(() => resourceOf(t).stream(bodyOf(t)).finalMessage()),
});

const messagesScenarios = {
  ...helperScenarios((t) => t.client.messages),
  settings: async (t) =>
    describe(await t.create({ temperature: 0.5, top_p: 1, top_k: 40, stop_sequences: ['END'] })),
  cache: async (t) => describe(await t.create()),
  'stream-cache': async (t) => drain(await t.create({ stream: true })),
  'raw-post': async (t) => describe(await t.client.post('/v1/messages', { body: bodyOf(t) })),
  'not-recorded': (t) => attempt(() => t.client.get('/v1/models')),
};

const outputFormat = {
  type: 'json_schema',
  schema: {
    type: 'object',
    properties: { km: { type: 'number' } },
    required: ['km'],
    additionalProperties: false,
  },
};

const parseScenarios = {
  parse: async (t) => {
    const format = { ...outputFormat, parse: (text) => JSON.parse(text) };
    const promise = t.client.messages.parse(bodyOf(t, { output_config: { format } }));
    return { shape: shapeOf(promise), value: describe(await promise) };
  },
};

const weatherTool = {
  type: 'custom',
  name: 'read_weather',
  description: 'canary-tool: reads the weather',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  run: ({ city }) => `sunny in ${city}`,
  parse: (input) => input,
};

const threadScenarios = {
  thread: async (t) => {
    const thread = t.client.beta.messages.thread({ model: t.name, max_tokens: 64 });
    return [describe(await thread.send(question[0]))];
  },
  'thread-stream': async (t) => {
    const thread = t.client.beta.messages.thread({ model: t.name, max_tokens: 64 });
    return drain(thread.stream(question[0]));
  },
};

const betaScenarios = {
  ...threadScenarios,
  ...helperScenarios(betaOf),
  'tool-runner': async (t) => describe(await betaOf(t).toolRunner(bodyOf(t, { tools: [weatherTool] }))),
  'tool-runner-stream': async (t) => {
    const turns = [];
    for await (const stream of betaOf(t).toolRunner(bodyOf(t, { tools: [weatherTool], stream: true }))) {
      turns.push(describe(await stream.finalMessage()));
    }
    return turns;
  },
};

const omit = (scenarios, omitted) =>
  Object.fromEntries(Object.entries(scenarios).filter(([name]) => name !== omitted));
const pick = (scenarios, ...names) => Object.fromEntries(names.map((name) => [name, scenarios[name]]));

/** The first version that has batches has them in beta. */
const batchesOf = (t) => t.client.messages.batches ?? t.client.beta.messages.batches;

const submit = async (t) => {
  const params = { model: t.name, max_tokens: 64, messages: question };
  const { id } = await batchesOf(t).create({ requests: [{ custom_id: 'one', params }] });
  return id;
};

const batchScenarios = {
  'batch-read': async (t) => drain(await batchesOf(t).results(await submit(t))),
  'batch-read-twice': async (t) => {
    const id = await submit(t);
    const first = await drain(await batchesOf(t).results(id));
    const again = await drain(await batchesOf(t).results(id));
    return { first, isSame: JSON.stringify(first) === JSON.stringify(again) };
  },
  'batch-cut-then-whole': async (t) => {
    const id = await submit(t);
    const cut = await drain(await batchesOf(t).results(id));
    return { cut, whole: await drain(await batchesOf(t).results(id)) };
  },
  'batch-left': async (t) => {
    for await (const _result of await batchesOf(t).results(await submit(t))) return 'left';
  },
};

/** Endpoint → scenario name → what the application does. */
const groups = {
  messages: {
    ...promiseScenarios,
    ...failureScenarios,
    ...omit(streamScenarios, 'stream-left-before-usage'),
    ...cutScenarios(8),
    ...messagesScenarios,
    ...parseScenarios,
  },
  'beta.messages': {
    ...pick(promiseScenarios, 'plain', 'with-response', 'then-unwrap'),
    ...pick(failureScenarios, 'status-400'),
    ...pick(streamScenarios, 'stream-whole', 'stream-break', 'stream-left-at-end'),
    ...betaScenarios,
  },
  'messages.batches': batchScenarios,
  completions: {
    ...pick(promiseScenarios, 'plain', 'with-response'),
    ...pick(failureScenarios, 'status-400'),
    ...pick(streamScenarios, 'stream-whole', 'stream-break'),
  },
  'messages.count_tokens': {
    ...pick(promiseScenarios, 'plain', 'with-response'),
    ...pick(failureScenarios, 'status-400'),
  },
};

const createClient = (sdk, options) => new sdk.Anthropic(options);
const baseUrlOf = (origin) => origin;

module.exports = { groups, creators, createClient, baseUrlOf };
