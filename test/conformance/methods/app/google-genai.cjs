'use strict';
// What an application does with the @google/genai package, Gemini API and Vertex AI.

const { mkdtempSync, readFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { attempt, describe, drain } = require('../../app/observe.cjs');
const { abort } = require('./scenarios.cjs');

const prompt = 'canary-prompt: how far is the moon?';
const config = (options) => (options.signal === undefined ? {} : { config: { abortSignal: options.signal } });

const gemini = (sdk, baseUrl) => new sdk.GoogleGenAI({ apiKey: 'canary-key', httpOptions: { baseUrl } });
const vertex = (sdk, baseUrl) =>
  new sdk.GoogleGenAI({ vertexai: true, apiKey: 'canary-key', httpOptions: { baseUrl } });

const generate = (model) => ({
  call: (client, options) => client.models.generateContent({ model, contents: prompt, ...config(options) }),
  stream: (client, options) =>
    client.models.generateContentStream({ model, contents: prompt, ...config(options) }),
  abort,
  last: 3,
  cuts: 4,
});

/** A tool that the SDK calls by itself, and calls the model again with what it said. */
const weather = {
  tool: async () => ({ functionDeclarations: [{ name: 'read_weather', description: 'canary-tool' }] }),
  callTool: async (calls) =>
    calls.map(({ id, name }) => ({ functionResponse: { id, name, response: { weather: 'sunny' } } })),
};

const images = {
  call: (client) => client.models.generateImages({ model: 'imagen-4.0-generate-001', prompt }),
};

/** Two videos, asked for until they are done, and once more. */
const video = {
  call: (client) =>
    client.models.generateVideos({
      model: 'veo-3.0-generate-001',
      prompt,
      config: { durationSeconds: 4, numberOfVideos: 2 },
    }),
  scenarios: {
    waited: async (t) => {
      let operation = await video.call(t.client);
      const seen = [operation.done];
      while (!operation.done) {
        operation = await t.client.operations.getVideosOperation({ operation });
        seen.push(operation.done);
      }
      await t.client.operations.getVideosOperation({ operation });
      return { seen, videos: operation.response.generatedVideos.length };
    },
  },
};

/** A file as it arrives on disk. */
async function download(client, file) {
  const folder = mkdtempSync(join(tmpdir(), 'download-'));
  const downloadPath = join(folder, 'file');
  await client.files.download({ file, downloadPath });
  return readFileSync(downloadPath, 'utf8');
}

const submitToStorage = (client) =>
  client.batches.create({
    model: 'gemini-2.5-flash',
    src: { gcsUri: ['gs://example/in.jsonl'], format: 'jsonl' },
    config: { dest: { gcsUri: 'gs://example/out', format: 'jsonl' } },
  });

/** A recorded exchange, asked for again by the method that sends it. */
function replay(sdk, baseUrl, { host, path, body }) {
  const client = (host.includes('aiplatform') ? vertex : gemini)(sdk, baseUrl);
  const [, model = 'unknown', method] = /models\/([^:/]+):(\w+)/.exec(path) ?? [];
  const contents = body?.contents ?? [{ role: 'user', parts: [{ text: prompt }] }];
  if (method === 'generateContent') return client.models.generateContent({ model, contents });
  if (method === 'streamGenerateContent') return client.models.generateContentStream({ model, contents });
  if (/embedcontent/i.test(method)) return client.models.embedContent({ model, contents: [prompt] });
  const { model: asked = 'unknown', stream } = body;
  return client.interactions.create({ model: asked, input: prompt, stream });
}

module.exports = {
  replay,
  createClient: (sdk, baseUrl) => (baseUrl.includes('/vertex.') ? vertex : gemini)(sdk, baseUrl),
  endpoints: {
    generateContent: {
      ...generate('gemini-2.5-flash'),
      scenarios: {
        'automatic-function-calls': async (t) =>
          describe(
            (
              await t.client.models.generateContent({
                model: 'gemini-2.5-flash',
                contents: prompt,
                config: { tools: [weather] },
              })
            ).text,
          ),
        retried: async (t) => {
          const retryOptions = { attempts: 2, initialDelay: 0.01 };
          const httpOptions = { baseUrl: t.baseUrl, retryOptions };
          const client = new t.sdk.GoogleGenAI({ apiKey: 'canary-key', httpOptions });
          return attempt(
            async () =>
              (await client.models.generateContent({ model: 'gemini-2.5-flash', contents: prompt })).text,
          );
        },
        'long-prompt': (t) => attempt(() => t.call()),
        blocked: (t) => attempt(() => t.call()),
        grounded: (t) => attempt(() => t.call()),
        flex: (t) => attempt(() => t.call()),
      },
    },
    chats: {
      call: (client) => client.chats.create({ model: 'gemini-2.5-flash' }).sendMessage({ message: prompt }),
      stream: (client, options) =>
        client.chats
          .create({ model: 'gemini-2.5-flash' })
          .sendMessageStream({ message: prompt, ...config(options) }),
      abort,
      last: 3,
      cuts: 4,
    },
    embedContent: {
      call: (client) => client.models.embedContent({ model: 'gemini-embedding-001', contents: [prompt] }),
    },
    countTokens: {
      call: (client) => client.models.countTokens({ model: 'gemini-2.5-flash', contents: prompt }),
    },
    'caches.create': {
      call: (client) =>
        client.caches.create({ model: 'gemini-2.5-flash', config: { contents: prompt, ttl: '3600s' } }),
    },
    'caches.update': {
      scenarios: {
        'kept-longer': (t) =>
          attempt(() => t.client.caches.update({ name: 'cachedContents/cache-1', config: { ttl: '7200s' } })),
      },
    },
    // Later majors refuse these on the Gemini API before anything is sent.
    generateImages: { scenarios: { made: (t) => attempt(() => images.call(t.client)) } },
    generateVideos: { scenarios: video.scenarios },
    'vertex.generateImages': images,
    'vertex.generateVideos': video,
    interactions: {
      call: (client) =>
        client.interactions.create({ model: 'gemini-2.5-flash', input: prompt }, { maxRetries: 0 }),
      stream: (client, { signal }) =>
        client.interactions.create(
          { model: 'gemini-2.5-flash', input: prompt, stream: true },
          { maxRetries: 0, signal },
        ),
      abort,
      last: 3,
      cuts: 4,
      scenarios: {
        'background-followed': async (t) => {
          const asked = { model: 'gemini-2.5-flash', input: prompt, background: true };
          const { id } = await t.client.interactions.create(asked);
          return attempt(async () => drain(await t.client.interactions.get(id, { stream: true })));
        },
      },
    },
    batches: {
      scenarios: {
        'submitted-and-read-twice': async (t) => {
          const src = [{ contents: prompt }, { contents: prompt }];
          const job = await t.client.batches.create({ model: 'gemini-2.5-flash', src });
          const waiting = await t.client.batches.get({ name: job.name });
          const done = await t.client.batches.get({ name: job.name });
          const again = await t.client.batches.get({ name: job.name });
          return [waiting, done, again].map(({ state, dest }) => ({ state, dest: describe(dest) }));
        },
        'downloaded-twice': async (t) => {
          const job = await t.client.batches.create({ model: 'gemini-2.5-flash', src: 'files/questions' });
          const { dest } = await t.client.batches.get({ name: job.name });
          return [await download(t.client, dest.fileName), await download(t.client, dest.fileName)];
        },
        'another-file': (t) => (t.client.batches?.create ? download(t.client, 'files/notes') : undefined),
      },
    },
    'vertex.batches': {
      call: submitToStorage,
      scenarios: {
        'to-storage': async (t) => {
          const job = await submitToStorage(t.client);
          const done = await t.client.batches.get({ name: job.name });
          return [job, done].map(describe);
        },
      },
    },
    'vertex.generateContent': generate('gemini-2.5-flash'),
    'vertex.embedContent': {
      call: (client) => client.models.embedContent({ model: 'gemini-embedding-001', contents: [prompt] }),
    },
  },
};
