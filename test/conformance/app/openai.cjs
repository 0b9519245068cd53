'use strict';
// What an application does with the openai package, majors 4 to 7.

const { cutScenarios, failureScenarios, promiseScenarios, streamScenarios } = require('./core.cjs');
const { attempt, describe, describeResponse, drain, shapeOf } = require('./observe.cjs');

const question = [{ role: 'user', content: 'canary-prompt: how far is the moon?' }];

/** Endpoint → how a call of it is made. */
const creators = {
  'chat.completions': (t, extra, options) =>
    t.client.chat.completions.create({ model: t.name, messages: question, ...extra }, options),
  completions: (t, extra, options) =>
    t.client.completions.create({ model: t.name, prompt: 'canary-prompt: the moon is', ...extra }, options),
  responses: (t, extra, options) =>
    t.client.responses.create({ model: t.name, input: 'canary-prompt: how far?', ...extra }, options),
  embeddings: (t, extra, options) =>
    t.client.embeddings.create({ model: t.name, input: ['canary-prompt: moon', 'sun'], ...extra }, options),
  'responses.input_tokens': (t, _extra, options) =>
    t.client.responses.inputTokens.count({ model: t.name, input: 'canary-prompt: how far?' }, options),
  'images.generate': (t, extra, options) =>
    imagesOf(t, extra).generate({ model: t.name, prompt: 'canary-prompt: a moon', ...extra }, options),
  'images.edit': (t, extra, options) =>
    imagesOf(t, extra).edit(
      { model: t.name, image: file('moon.png'), prompt: 'canary-prompt: a sun', ...extra },
      options,
    ),
  'images.createVariation': (t, extra, options) =>
    t.client.images.createVariation({ model: t.name, image: file('moon.png'), ...extra }, options),
  'audio.transcriptions': (t, extra, options) =>
    t.client.audio.transcriptions.create({ model: t.name, file: file('moon.mp3'), ...extra }, options),
  'audio.translations': (t, extra, options) =>
    t.client.audio.translations.create(
      { model: t.name, file: file('moon.mp3'), response_format: 'verbose_json', ...extra },
      options,
    ),
  'audio.speech': (t, extra, options) =>
    t.client.audio.speech.create(
      { model: t.name, voice: 'ash', input: 'canary-prompt: the moon 🌙', ...extra },
      options,
    ),
  moderations: (t, _extra, options) =>
    t.client.moderations.create({ model: t.name, input: 'canary-prompt: moon' }, options),
};

/** Major 4 has no streams of images: there the call is not a function either. */
const imagesOf = (t, { stream }) =>
  stream && typeof t.client.chat.completions.parse !== 'function' ? {} : t.client.images;

/** What an application uploads: a stream of bytes as far as anybody else can tell. */
const file = (name) => new File([Buffer.from('canary-file')], name);

/** The helpers moved out of beta with major 5. */
const helpersOf = (t) =>
  typeof t.client.chat.completions.parse === 'function'
    ? t.client.chat.completions
    : t.client.beta.chat.completions;

const answerFormat = {
  type: 'json_schema',
  json_schema: {
    name: 'answer',
    strict: true,
    schema: { type: 'object', properties: { km: { type: 'number' } }, required: ['km'] },
  },
};

/** A response format that parses itself, as the SDK's zod helper makes it. */
function autoParsed(format) {
  const define = (name, value) => Object.defineProperty(format, name, { value, enumerable: false });
  define('$brand', 'auto-parseable-response-format');
  define('$parseRaw', (text) => JSON.parse(text));
  return format;
}

const weatherTool = {
  type: 'function',
  function: {
    name: 'read_weather',
    description: 'canary-tool: reads the weather',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    parse: JSON.parse,
    function: ({ city }) => `sunny in ${city}`,
  },
};

const listen = (emitter, names) => {
  const events = [];
  for (const name of names) emitter.on(name, (...args) => events.push([name, describe(args[0])]));
  return events;
};

const chatScenarios = {
  choices: async (t) => describe(await t.create({ n: 3 })),
  settings: async (t) =>
    describe(
      await t.create({
        temperature: 0.5,
        top_p: 0.9,
        max_completion_tokens: 64,
        seed: 7,
        frequency_penalty: 0,
        presence_penalty: 1,
        stop: ['END'],
        service_tier: 'flex',
        reasoning_effort: 'low',
        response_format: { type: 'json_object' },
      }),
    ),
  parse: async (t) => {
    const promise = helpersOf(t).parse({
      model: t.name,
      messages: question,
      response_format: autoParsed({ ...answerFormat }),
    });
    return { shape: shapeOf(promise), value: describe(await promise) };
  },
  'parse-with-response': async (t) => {
    const body = { model: t.name, messages: question, response_format: autoParsed({ ...answerFormat }) };
    const { data, response } = await helpersOf(t).parse(body).withResponse();
    return { data: describe(data), status: response.status };
  },
  'raw-post': async (t) =>
    describe(await t.client.post('/chat/completions', { body: { model: t.name, messages: question } })),
  'raw-post-stream': async (t) =>
    drain(
      await t.client.post('/chat/completions', {
        body: { model: t.name, messages: question, stream: true },
        stream: true,
      }),
    ),
  'stream-choices': async (t) => drain(await t.create({ stream: true, n: 2 })),
  'stream-usage-asked': async (t) =>
    drain(await t.create({ stream: true, stream_options: { include_usage: true } })),
  'stream-usage-declined': async (t) =>
    drain(await t.create({ stream: true, stream_options: { include_usage: false } })),
  'stream-usage-refused': async (t) => ({
    first: await drain(await t.create({ stream: true })),
    second: await drain(await t.create({ stream: true })),
  }),
  'stream-bad-request': (t) => attempt(() => t.create({ stream: true })),
  'helper-stream': async (t) => {
    const stream = helpersOf(t).stream({ model: t.name, messages: question });
    const events = listen(stream, ['content', 'finalContent', 'totalUsage', 'end', 'error', 'abort']);
    const completion = describe(await stream.finalChatCompletion());
    return { shape: shapeOf(stream), completion, content: describe(await stream.finalContent()), events };
  },
  'helper-stream-iterated': async (t) => drain(helpersOf(t).stream({ model: t.name, messages: question })),
  'helper-stream-break': async (t) => {
    const stream = helpersOf(t).stream({ model: t.name, messages: question });
    let chunks = 0;
    for await (const _chunk of stream) if (++chunks === 2) break;
    return { chunks, end: await attempt(() => stream.done()) };
  },
  'helper-stream-left-at-end': async (t) => {
    const stream = helpersOf(t).stream({ model: t.name, messages: question });
    let chunks = 0;
    for await (const chunk of stream) {
      chunks += 1;
      if (chunk.choices[0]?.finish_reason) break;
    }
    return { chunks, end: await attempt(() => stream.done()) };
  },
  'helper-stream-abort-at-end': async (t) => {
    const stream = helpersOf(t).stream({ model: t.name, messages: question });
    const seen = [];
    stream.on('chunk', (chunk) => {
      seen.push(describe(chunk));
      if (chunk.choices[0]?.finish_reason) stream.abort();
    });
    return { end: await attempt(() => stream.done()), seen };
  },
  'helper-stream-failed': async (t) => {
    const stream = helpersOf(t).stream({ model: t.name, messages: question });
    return attempt(() => stream.finalChatCompletion());
  },
  'run-tools': async (t) => {
    const runner = helpersOf(t).runTools({ model: t.name, messages: question, tools: [weatherTool] });
    return { content: describe(await runner.finalContent()), usage: describe(await runner.totalUsage()) };
  },
  'run-tools-stream': async (t) => {
    const runner = helpersOf(t).runTools({
      model: t.name,
      messages: question,
      tools: [weatherTool],
      stream: true,
    });
    return { content: describe(await runner.finalContent()), messages: describe(runner.messages) };
  },
  'not-recorded': async (t) => attempt(() => t.client.models.list()),
};

const hostScenarios = {
  azure: async (t) => describe(await azure(t).chat.completions.create({ model: t.name, messages: question })),
  'azure-stream': async (t) =>
    drain(await azure(t).chat.completions.create({ model: t.name, messages: question, stream: true })),
  openrouter: async (t) =>
    describe(await openrouter(t).chat.completions.create({ model: t.name, messages: question })),
  'openrouter-stream': async (t) =>
    drain(await openrouter(t).chat.completions.create({ model: t.name, messages: question, stream: true })),
};

const azure = (t) =>
  new t.sdk.AzureOpenAI({
    ...t.clientOptions,
    baseURL: undefined,
    endpoint: t.origin,
    apiVersion: '2024-10-21',
  });

/** The host's own name, sent to the stand-in. */
const openrouter = (t) =>
  new t.sdk.OpenAI({
    ...t.clientOptions,
    baseURL: 'https://openrouter.ai/api/v1',
    fetch: (url, init) => fetch(String(url).replace('https://openrouter.ai', t.origin), init),
  });

const responsesScenarios = {
  parse: async (t) => {
    const promise = t.client.responses.parse({
      model: t.name,
      input: 'canary-prompt: how far?',
      text: { format: autoParsed({ name: 'answer', type: 'json_schema', ...answerFormat.json_schema }) },
    });
    return { shape: shapeOf(promise), value: describe(await promise) };
  },
  'helper-stream': async (t) => {
    const stream = t.client.responses.stream({ model: t.name, input: 'canary-prompt: how far?' });
    const events = listen(stream, ['response.output_text.delta', 'response.completed', 'end', 'error']);
    return { shape: shapeOf(stream), final: describe(await stream.finalResponse()), events };
  },
  failed: async (t) => describe(await t.create()),
  incomplete: async (t) => describe(await t.create({ max_output_tokens: 16 })),
  background: async (t) => {
    const queued = await t.create({ background: true });
    const first = await t.client.responses.retrieve(queued.id);
    const second = await t.client.responses.retrieve(queued.id);
    return describe({ queued, first, second });
  },
  'background-never-retrieved': async (t) => describe(await t.create({ background: true })),
  'retrieved-later': async (t) => {
    const made = await t.create();
    return describe(await t.client.responses.retrieve(made.id));
  },
};

const embeddingsScenarios = {
  default: async (t) => vectors(await t.create({ dimensions: 8 })),
  float: async (t) => vectors(await t.create({ dimensions: 8, encoding_format: 'float' })),
  base64: async (t) => describe(await t.create({ dimensions: 8, encoding_format: 'base64' })),
  'with-response': async (t) => {
    const { data, response } = await t.create({ dimensions: 8 }).withResponse();
    return { vectors: vectors(data), status: response.status };
  },
  'status-401': (t) => attempt(() => t.create()),
};

const vectors = (list) => ({
  ...describe(list),
  data: list.data.map(({ embedding }) => Array.from(embedding)),
});

const omit = (scenarios, omitted) =>
  Object.fromEntries(Object.entries(scenarios).filter(([name]) => name !== omitted));
const pick = (scenarios, ...names) => Object.fromEntries(names.map((name) => [name, scenarios[name]]));

const uploadPromises = pick(
  promiseScenarios,
  'plain',
  'promise-shape',
  'with-response',
  'as-response-json',
  'then-unwrap',
);
// No retries: major 4 sends a form that has been read already and waits for ever.
const uploadFailures = pick(failureScenarios, 'status-400', 'abort-before', 'odd-empty-object', 'odd-null');
const mediaStreams = pick(
  streamScenarios,
  'stream-whole',
  'stream-tee',
  'stream-break',
  'stream-left-at-end',
  'stream-throw-in-loop',
  'stream-iterated-twice',
  'stream-abort-inside',
  'stream-error-event',
  'stream-ended-early',
);

/** Submits a batch, waits for it and gives the id of the file that its results are in. */
async function submit(t) {
  const made = await t.client.batches.create({
    input_file_id: 'file-input',
    endpoint: '/v1/chat/completions',
    completion_window: '24h',
  });
  const { output_file_id } = await t.client.batches.retrieve(made.id);
  return output_file_id;
}

const batchScenarios = {
  'batch-read': async (t) => describe(await (await t.client.files.content(await submit(t))).text()),
  'batch-read-twice': async (t) => {
    const id = await submit(t);
    const first = await (await t.client.files.content(id)).text();
    const again = await t.client.files.content(id).asResponse();
    return { isSame: first === (await again.text()), again: describeResponse(again) };
  },
  'batch-cut-then-whole': async (t) => {
    const id = await submit(t);
    const cut = await attempt(async () => (await t.client.files.content(id)).text());
    return { cut, whole: describe(await (await t.client.files.content(id)).text()) };
  },
  'batch-streamed': async (t) => {
    const { body } = await t.client.files.content(await submit(t));
    let text = '';
    for await (const part of body) text += Buffer.from(part).toString();
    return describe(text);
  },
  'batch-failed': (t) => attempt(() => submit(t)),
  'other-file': async (t) => describe(await (await t.client.files.content('file-other')).text()),
};

const readSound = async (response) => ({
  before: describeResponse(response),
  bytes: describe(Buffer.from(await response.arrayBuffer())),
  after: describeResponse(response),
});

const speechScenarios = {
  plain: async (t) => readSound(await t.create()),
  'never-read': async (t) => describeResponse(await t.create()),
  'body-read': async (t) => {
    const { body } = await t.create();
    let bytes = 0;
    for await (const part of body) bytes += part.length;
    return bytes;
  },
  'with-response': async (t) => {
    const { data, response } = await t.create().withResponse();
    return { isSame: data === response, data: await readSound(data) };
  },
  'as-response': async (t) => readSound(await t.create().asResponse()),
  ...pick(promiseScenarios, 'promise-shape', 'then-unwrap'),
  ...pick(failureScenarios, 'status-400', 'status-429-then-success', 'abort-before'),
};

/** Endpoint → scenario name → what the application does. */
const groups = {
  'chat.completions': {
    ...promiseScenarios,
    ...failureScenarios,
    ...omit(streamScenarios, 'stream-abort-at-end'),
    ...cutScenarios(5),
    ...chatScenarios,
    ...hostScenarios,
  },
  responses: {
    ...pick(promiseScenarios, 'plain', 'with-response', 'as-response-json', 'then-unwrap', 'promise-shape'),
    ...pick(failureScenarios, 'status-400', 'odd-empty-object', 'odd-null', 'no-usage', 'malformed-json'),
    ...pick(
      streamScenarios,
      'stream-whole',
      'stream-break',
      'stream-left-at-end',
      'stream-abort-at-end',
      'stream-tee',
      'stream-error-event',
      'stream-shape',
    ),
    ...cutScenarios(12),
    ...responsesScenarios,
  },
  completions: {
    ...pick(promiseScenarios, 'plain', 'with-response'),
    ...pick(streamScenarios, 'stream-whole', 'stream-break', 'stream-left-at-end'),
  },
  embeddings: embeddingsScenarios,
  'images.generate': { ...uploadPromises, ...uploadFailures, ...mediaStreams, ...cutScenarios(4) },
  'images.edit': { ...uploadPromises, ...uploadFailures, ...mediaStreams, ...cutScenarios(4) },
  'images.createVariation': { ...uploadPromises, ...uploadFailures },
  'audio.transcriptions': { ...uploadPromises, ...uploadFailures, ...mediaStreams, ...cutScenarios(3) },
  'audio.translations': { ...uploadPromises, ...uploadFailures },
  'audio.speech': speechScenarios,
  batches: batchScenarios,
  moderations: {
    ...pick(promiseScenarios, 'plain', 'with-response'),
    ...pick(failureScenarios, 'status-400'),
  },
  'responses.input_tokens': pick(promiseScenarios, 'plain', 'with-response'),
};

const createClient = (sdk, options) => new sdk.OpenAI(options);
const baseUrlOf = (origin) => `${origin}/v1`;

module.exports = { groups, creators, createClient, baseUrlOf };
