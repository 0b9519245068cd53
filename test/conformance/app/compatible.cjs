'use strict';
// What an application does with an SDK that speaks OpenAI's API for another host: the same calls, another client.

const { cutScenarios, failureScenarios, promiseScenarios, streamScenarios } = require('./core.cjs');

const question = [{ role: 'user', content: 'canary-prompt: how far is the moon?' }];

const pick = (scenarios, text) => Object.fromEntries(text.split(' ').map((name) => [name, scenarios[name]]));

const promises = pick(
  promiseScenarios,
  'plain promise-shape awaited-twice never-awaited with-response as-response-json as-response-clone then-unwrap',
);
const failures = pick(
  failureScenarios,
  'malformed-json status-400 status-429-then-success status-500-for-ever status-500-unhandled stream-status-429 ' +
    'connection-reset timeout abort-before abort-waiting odd-empty-object odd-null odd-array no-usage',
);
const streams = pick(
  streamScenarios,
  'stream-whole stream-shape stream-with-response stream-as-response-text stream-break stream-left-at-end stream-throw-in-loop ' +
    'stream-return stream-tee stream-readable stream-iterated-twice stream-abort-inside stream-error-event ' +
    'stream-ended-early stream-unread',
);

/** Endpoint → how a call of it is made, unless an SDK has its own way. */
const creators = {
  'chat.completions': (t, extra, options) =>
    t.client.chat.completions.create({ model: t.name, messages: question, ...extra }, options),
  completions: (t, extra, options) =>
    t.client.completions.create({ model: t.name, prompt: 'canary-prompt: the moon is', ...extra }, options),
  embeddings: (t, extra, options) =>
    t.client.embeddings.create({ model: t.name, input: 'canary-prompt: moon', ...extra }, options),
  'images.generate': (t, extra, options) =>
    t.client.images.generate({ model: t.name, prompt: 'canary-prompt: a moon', ...extra }, options),
  'audio.transcriptions': (t, extra, options) =>
    t.client.audio.transcriptions.create(heard(t, extra), options),
  'audio.translations': (t, extra, options) => t.client.audio.translations.create(heard(t, extra), options),
  'audio.speech': (t, extra, options) =>
    t.client.audio.speech.create(
      { model: t.name, voice: 'ash', input: 'canary-prompt: moon', ...extra },
      options,
    ),
};

const heard = (t, extra) => ({
  model: t.name,
  file: new File([Buffer.from('canary-file')], 'moon.mp3'),
  response_format: 'verbose_json',
  ...extra,
});

const uploads = {
  ...pick(promiseScenarios, 'plain promise-shape with-response as-response-json then-unwrap'),
  ...pick(failureScenarios, 'status-400 abort-before odd-empty-object'),
};

const batches = {
  'batch-read-twice': async (t) => {
    const made = await t.client.batches.create({
      input_file_id: 'file-input',
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
    });
    const { output_file_id: id } = await t.client.batches.retrieve((made.job ?? made).id);
    const first = await (await t.client.files.content(id)).text();
    return { first, again: await (await t.client.files.content(id)).text() };
  },
};

const groups = {
  'chat.completions': { ...promises, ...failures, ...streams, ...cutScenarios(5) },
  completions: {
    ...pick(promiseScenarios, 'plain with-response'),
    ...pick(failureScenarios, 'status-400'),
    ...pick(streamScenarios, 'stream-whole stream-break'),
  },
  embeddings: { ...pick(promiseScenarios, 'plain with-response'), ...pick(failureScenarios, 'status-400') },
  'images.generate': uploads,
  'audio.transcriptions': uploads,
  'audio.translations': uploads,
  'audio.speech': {
    plain: async (t) => Buffer.from(await (await t.create()).arrayBuffer()).toString('base64'),
    ...pick(failureScenarios, 'status-400'),
  },
  batches,
};

/** One SDK: its client class, its endpoints, and what differs. */
function describeSdk({ className, endpoints, path = '', options = {}, own = {} }) {
  return {
    groups: Object.fromEntries(endpoints.map((endpoint) => [endpoint, groups[endpoint]])),
    creators: { ...creators, ...own },
    createClient: (sdk, clientOptions) => new sdk[className]({ ...clientOptions, ...options }),
    baseUrlOf: (origin) => `${origin}${path}`,
  };
}

module.exports = { describeSdk, question };
