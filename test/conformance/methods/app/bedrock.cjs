'use strict';
// What an application does with the @aws-sdk/client-bedrock-runtime package.

const { createRequire } = require('node:module');
const { attempt, describe, drain } = require('../../app/observe.cjs');
const { abort } = require('./scenarios.cjs');

/** The SDK speaks HTTP/2 to Bedrock; the stand-in speaks HTTP/1.1, so the application brings that handler. */
const createHandler = () => {
  const requireOf = createRequire(require.resolve(process.argv[2]));
  return new (requireOf('@smithy/node-http-handler').NodeHttpHandler)();
};

const modelId = 'us.amazon.nova-lite-v1:0';
const router = 'arn:aws:bedrock:us-east-1:123456789012:default-prompt-router/anthropic.claude:1';
const messages = [{ role: 'user', content: [{ text: 'canary-prompt: how far is the moon?' }] }];
const claude = 'anthropic.claude-haiku-4-5-20251001-v1:0';
const claudeBody = JSON.stringify({
  anthropic_version: 'bedrock-2023-05-31',
  max_tokens: 64,
  messages: [{ role: 'user', content: 'canary-prompt' }],
});

const createClient = (sdk, endpoint, more = {}) =>
  new sdk.BedrockRuntimeClient({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'canary-key', secretAccessKey: 'canary-key' },
    maxAttempts: 1,
    requestHandler: createHandler(),
    ...more,
  });

const options = ({ signal }) => (signal === undefined ? [] : [{ abortSignal: signal }]);

/** An object that holds a stream reads as the stream. */
const streamOf = (field) => async (promise) => (await promise)[field];

const converse = (client, sdk, given = {}) =>
  client.send(
    new sdk.ConverseCommand({ modelId, messages, inferenceConfig: { maxTokens: 64 } }),
    ...options(given),
  );
const converseStream = (client, sdk, given = {}) =>
  client.send(new sdk.ConverseStreamCommand({ modelId, messages }), ...options(given));
const invoke = (client, sdk, given = {}) =>
  client.send(new sdk.InvokeModelCommand({ modelId: claude, body: claudeBody }), ...options(given));
const invokeStream = (client, sdk, given = {}) =>
  client.send(
    new sdk.InvokeModelWithResponseStreamCommand({ modelId: claude, body: claudeBody }),
    ...options(given),
  );

/** A recorded exchange, asked for again by the command that sends it. */
function replay(sdk, baseUrl, { path, body }) {
  const client = createClient(sdk, baseUrl);
  const [, id, verb] = /\/model\/(.+)\/([\w-]+)$/.exec(path) ?? [];
  const input = { modelId: decodeURIComponent(id) };
  const bytes = JSON.stringify(body ?? {});
  if (verb === 'converse') return client.send(new sdk.ConverseCommand({ ...input, messages }));
  if (verb === 'converse-stream') return client.send(new sdk.ConverseStreamCommand({ ...input, messages }));
  if (verb === 'invoke') return client.send(new sdk.InvokeModelCommand({ ...input, body: bytes }));
  return client.send(new sdk.InvokeModelWithResponseStreamCommand({ ...input, body: bytes }));
}

/** What the application says in a conversation in speech. */
async function* say(events) {
  for (const event of events) yield { chunk: { bytes: Buffer.from(JSON.stringify(event)) } };
}

module.exports = {
  replay,
  createHandler,
  createClient,
  endpoints: {
    converse: {
      call: (client, given, sdk) => converse(client, sdk, given),
      takesSignal: true,
      scenarios: {
        callback: (t) =>
          new Promise((resolve) => {
            const command = new t.sdk.ConverseCommand({ modelId, messages });
            const returned = t.client.send(command, (error, output) =>
              resolve({ returned: describe(returned), error: describe(error), output: describe(output) }),
            );
          }),
        'aggregated-client': async (t) => {
          const { BedrockRuntime } = t.sdk;
          const client = createClient({ BedrockRuntimeClient: BedrockRuntime }, t.baseUrl);
          return attempt(() => client.converse({ modelId, messages }));
        },
        // How long it waited in between is chance.
        retried: async (t) => {
          const client = createClient(t.sdk, t.baseUrl, { maxAttempts: 3 });
          const { $metadata, output } = await converse(client, t.sdk);
          return { attempts: $metadata.attempts, output: describe(output) };
        },
        router: (t) => attempt(() => t.client.send(new t.sdk.ConverseCommand({ modelId: router, messages }))),
        flex: (t) => attempt(() => t.call()),
      },
    },
    'converse-stream': {
      stream: (client, given, sdk) => streamOf('stream')(converseStream(client, sdk, given)),
      last: 4,
      cuts: 5,
      abort,
    },
    invoke: {
      call: (client, given, sdk) => invoke(client, sdk, given),
      takesSignal: true,
      scenarios: { headers: (t) => attempt(() => t.call()) },
    },
    'invoke-stream': {
      stream: (client, given, sdk) => streamOf('body')(invokeStream(client, sdk, given)),
      last: 3,
      cuts: 5,
      abort,
      scenarios: {
        // The headers state the tier, the last event counts.
        flex: async (t) => {
          const { body } = await invokeStream(t.client, t.sdk);
          return drain(body);
        },
      },
    },
    'invoke-bidirectional-stream': {
      scenarios: {
        spoken: (t) =>
          attempt(async () => {
            const command = new t.sdk.InvokeModelWithBidirectionalStreamCommand({
              modelId: 'amazon.nova-2-sonic-v1:0',
              body: say([{ event: { sessionStart: {} } }, { event: { sessionEnd: {} } }]),
            });
            return drain((await t.client.send(command)).body);
          }),
      },
    },
    'async-invoke': {
      scenarios: {
        waited: (t) =>
          attempt(async () => {
            const { invocationArn } = await t.client.send(
              new t.sdk.StartAsyncInvokeCommand({
                modelId: 'amazon.nova-reel-v1:1',
                modelInput: {
                  taskType: 'TEXT_VIDEO',
                  textToVideoParams: { text: 'canary-prompt: the moon' },
                  videoGenerationConfig: { durationSeconds: 6, fps: 24, dimension: '1280x720' },
                },
                outputDataConfig: { s3OutputDataConfig: { s3Uri: 's3://example' } },
              }),
            );
            const states = [];
            for (let asked = 0; asked < 3; asked += 1)
              states.push((await t.client.send(new t.sdk.GetAsyncInvokeCommand({ invocationArn }))).status);
            return states;
          }),
      },
    },
    'apply-guardrail': {
      call: (client, given, sdk) =>
        client.send(
          new sdk.ApplyGuardrailCommand({
            guardrailIdentifier: 'guardrail-1',
            guardrailVersion: '1',
            source: 'INPUT',
            content: [{ text: { text: 'canary-prompt' } }],
          }),
          ...options(given),
        ),
      takesSignal: true,
    },
    'guardrail-checks': {
      call: (client, given, sdk) =>
        client.send(
          new sdk.InvokeGuardrailChecksCommand({
            messages: [{ role: 'user', content: [{ text: 'canary-prompt' }] }],
            checks: { contentFilter: { categories: ['HATE'] } },
          }),
          ...options(given),
        ),
      takesSignal: true,
    },
    embed: {
      call: (client, _given, sdk) =>
        client.send(
          new sdk.InvokeModelCommand({
            modelId: 'amazon.titan-embed-text-v1',
            body: JSON.stringify({ inputText: 'canary-prompt' }),
          }),
        ),
    },
  },
};
