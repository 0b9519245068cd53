'use strict';
// Asks for recorded exchanges again, each over its own way: `node recorded.cjs <file of requests>`. The hosts are the
// real ones; their names lead to the stand-in.

const { readFileSync } = require('node:fs');
const http = require('node:http');
const { withFeature } = require('@costspan/api');
const { port } = require('./hosts.cjs');
const { sleep } = require('./observe.cjs');

const MARK = 'x-recording';
const AT_ONCE = 8;

const originOf = ({ host }) => `http://${host.split(':')[0]}:${port}`;

function readSent({ body, isForm }) {
  if (!isForm) return { body: JSON.stringify(body ?? {}), headers: { 'content-type': 'application/json' } };
  const form = new FormData();
  form.append('file', new Blob(['canary-file']), 'recorded.mp3');
  for (const [name, value] of Object.entries(body ?? {})) form.append(name, String(value));
  return { body: form };
}

async function ask(key, request) {
  const { body, headers } = readSent(request);
  const sent = { method: request.method, headers: { ...headers, [MARK]: key }, body };
  const response = await fetch(originOf(request) + request.path, sent);
  return response.text();
}

async function askOverHttp(key, request) {
  const { body, headers } = readSent(request);
  const encoded = new Response(body, { headers });
  const type = { 'content-type': encoded.headers.get('content-type') };
  const options = { method: request.method, headers: { ...type, [MARK]: key } };
  const bytes = Buffer.from(await encoded.arrayBuffer());
  await new Promise((resolve, reject) => {
    const sent = http.request(originOf(request) + request.path, options, (response) => {
      response.on('data', () => undefined).on('end', resolve);
    });
    sent.on('error', reject).end(bytes);
  });
}

/** Last words of a path → the method of OpenAI's SDK, and of those that are made like it. */
const METHODS = [
  [/\/chat\/completions$/, (client, body) => client.chat.completions.create(body)],
  [/\/completions$/, (client, body) => client.completions.create(body)],
  [/\/embeddings$/, (client, body) => client.embeddings.create(body)],
  [/\/responses\/compact$/, (client, body) => client.responses.compact(body)],
  [/\/responses$/, (client, body) => client.responses.create(body)],
  [/\/images\/generations$/, (client, body) => client.images.generate(body)],
  [/\/images\/edits$/, (client, body) => client.images.edit({ ...body, image: heard() })],
  [
    /\/audio\/transcriptions$/,
    (client, body) => client.audio.transcriptions.create({ ...body, file: heard() }),
  ],
  [
    /\/audio\/translations$/,
    (client, body) => client.audio.translations.create({ model: 'whisper-1', ...body, file: heard() }),
  ],
];

const heard = () => new File(['canary-file'], 'recorded.mp3');

function askStainless(Client) {
  return (key, request) => {
    const { pathname, searchParams } = new URL(originOf(request) + request.path);
    const [pattern, call] = METHODS.find(([path]) => path.test(pathname));
    const [resource] = pattern.exec(pathname);
    const client = new Client({
      apiKey: 'canary-key',
      baseURL: originOf(request) + pathname.slice(0, -resource.length),
      defaultHeaders: { [MARK]: key },
      defaultQuery: Object.fromEntries(searchParams),
      maxRetries: 0,
    });
    return call(client, request.body ?? {});
  };
}

function askAnthropic(key, request) {
  const { Anthropic } = require('anthropic-1');
  const client = new Anthropic({
    apiKey: 'canary-key',
    baseURL: originOf(request),
    defaultHeaders: { [MARK]: key },
    maxRetries: 0,
    // Else it refuses to wait for long answers that are no streams.
    timeout: 60_000,
  });
  const { messages } = request.path.includes('beta=true') ? client.beta : client;
  return messages.create({ max_tokens: 64, messages: [], ...request.body });
}

const prompt = 'canary-prompt: how far is the moon?';
const messages = [{ role: 'user', content: prompt }];
/** Where a client has no headers of its own, the address says which recording is asked for. */
const addressOf = (key, request) => `${originOf(request)}/at/${encodeURIComponent(key)}`;

/** Methods of other SDKs by the last words of a path; what is asked for is of no matter to the answer. */
const MISTRAL = [
  [/\/agents\/completions$/, (client, _request, how) => client.agents[how]({ agentId: 'agent-1', messages })],
  [/\/fim\/completions$/, (client, { model }, how) => client.fim[how]({ model, prompt })],
  [/\/chat\/completions$/, (client, { model }, how) => client.chat[how]({ model, messages })],
  [/\/embeddings$/, (client, { model }) => client.embeddings.create({ model, inputs: [prompt] })],
  [
    /\/ocr$/,
    (client, { model }) =>
      client.ocr.process({
        model,
        document: { type: 'document_url', documentUrl: 'https://example.com/a.pdf' },
      }),
  ],
  [
    /\/audio\/transcriptions$/,
    (client, { model }) => client.audio.transcriptions.complete({ model, file: heard() }),
  ],
];

async function askMistral(key, request) {
  const { Mistral } = await import('mistral-2');
  const retryConfig = { strategy: 'none' };
  const client = new Mistral({ apiKey: 'canary-key', serverURL: addressOf(key, request), retryConfig });
  const [, call] = MISTRAL.find(([path]) => path.test(request.path));
  return call(client, request.body, request.body.stream === true ? 'stream' : 'complete');
}

const COHERE = [
  [/\/v2\/chat$/, ({ v2 }, { model, stream }) => v2[stream ? 'chatStream' : 'chat']({ model, messages })],
  [
    /\/v1\/chat$/,
    ({ v1 }, { model, stream }) => v1[stream ? 'chatStream' : 'chat']({ model, message: prompt }),
  ],
  [/\/embed$/, ({ v2 }, { model }) => v2.embed({ model, texts: [prompt], inputType: 'search_query' })],
  [/\/rerank$/, ({ v1 }) => v1.rerank({ query: prompt, documents: ['a', 'b'] })],
];

function askCohere(key, request) {
  const { CohereClient, CohereClientV2 } = require('cohere-8');
  const options = { token: 'canary-key', environment: addressOf(key, request), maxRetries: 0 };
  const [, call] = COHERE.find(([path]) => path.test(request.path));
  return call({ v1: new CohereClient(options), v2: new CohereClientV2(options) }, request.body ?? {});
}

const OPENROUTER = [
  [/\/chat\/completions$/, (client, body) => client.chat.send({ chatRequest: { ...body, messages } })],
  [
    /\/responses$/,
    (client, { model, stream }) =>
      client.beta.responses.send({ responsesRequest: { model, stream, input: prompt } }),
  ],
  [
    /\/embeddings$/,
    (client, { model }) => client.embeddings.generate({ requestBody: { model, input: [prompt] } }),
  ],
  [
    /\/rerank$/,
    (client, { model }) =>
      client.rerank.rerank({ requestBody: { model, query: prompt, documents: ['a', 'b'] } }),
  ],
];

async function askOpenrouter(key, request) {
  const { OpenRouter } = await import('openrouter-1');
  const retryConfig = { strategy: 'none' };
  const serverURL = `${addressOf(key, request)}/api/v1`;
  const client = new OpenRouter({ apiKey: 'canary-key', serverURL, retryConfig });
  const [, call] = OPENROUTER.find(([path]) => path.test(request.path));
  const { model, stream } = request.body;
  return call(client, { model, stream });
}

function askVoyage(key, request) {
  const { VoyageAIClient } = require('voyage-0-4');
  const client = new VoyageAIClient({ apiKey: 'canary-key', environment: addressOf(key, request) });
  return client.embed({ input: [prompt], model: request.body.model }, { maxRetries: 0 });
}

const WAYS = {
  fetch: ask,
  http: askOverHttp,
  'openai-7': (...call) => askStainless(require('openai-7').OpenAI)(...call),
  'groq-1': (...call) => askStainless(require('groq-1').Groq)(...call),
  'anthropic-1': askAnthropic,
  'mistral-2': askMistral,
  'cohere-8': askCohere,
  'openrouter-1': askOpenrouter,
  'voyage-0-4': askVoyage,
};

/** Whatever an answer holds that is read piece by piece is read to its end. */
async function drain(answer) {
  for (const held of [answer, ...Object.values(answer ?? {})]) {
    if (typeof held !== 'object' || held === null || !(Symbol.asyncIterator in held)) continue;
    for await (const _chunk of held);
  }
}

async function replay({ key, way, request }) {
  await withFeature(key, async () => {
    try {
      await drain(await WAYS[way](key, request));
    } catch (error) {
      process.stderr.write(`${key}: ${error} ${error?.cause ?? ''}\n`);
    }
  });
}

async function main([file]) {
  const waiting = JSON.parse(readFileSync(file, 'utf8'));
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await replay(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  await sleep(250);
  process.exit(0);
}

main(process.argv.slice(2));
