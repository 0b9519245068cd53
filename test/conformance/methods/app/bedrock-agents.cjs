'use strict';
// What an application does with those clients of the AWS SDK that order work at Bedrock.

const { attempt, drain } = require('../../app/observe.cjs');
const { createHandler } = require('./bedrock.cjs');
const { abort } = require('./scenarios.cjs');

const claude = 'anthropic.claude-haiku-4-5-20251001-v1:0';
const nova = 'us.amazon.nova-lite-v1:0';
const reranker = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.rerank-v1:0';
const text = 'canary-prompt: how far is the moon?';

const createClientOf = (className) => (sdk, endpoint) =>
  new sdk[className]({
    endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'canary-key', secretAccessKey: 'canary-key' },
    maxAttempts: 1,
    requestHandler: createHandler(),
  });

const send = (client, command, { signal } = {}) =>
  client.send(command, ...(signal === undefined ? [] : [{ abortSignal: signal }]));

/** A command with one input, as an endpoint. */
const commanded = (name, input) => ({
  call: (client, given, sdk) => send(client, new sdk[`${name}Command`](input), given),
  takesSignal: true,
});

/** An object that holds a stream reads as the stream. */
const asking = (name, input) => ({
  stream: async (client, given, sdk) =>
    (await send(client, new sdk[`${name}Command`](input), given)).completion,
  last: 5,
  cuts: 5,
  abort,
  scenarios: {
    untraced: (t) =>
      attempt(async () =>
        drain(
          (await t.client.send(new t.sdk[`${name}Command`]({ ...input, enableTrace: false }))).completion,
        ),
      ),
  },
});

const document = (index) => ({
  type: 'INLINE',
  inlineDocumentSource: { type: 'TEXT', textDocument: { text: `canary ${index}` } },
});

module.exports = {
  runtime: {
    createClient: createClientOf('BedrockAgentRuntimeClient'),
    endpoints: {
      'invoke-agent': asking('InvokeAgent', {
        agentId: 'agent-1',
        agentAliasId: 'alias-1',
        sessionId: 'session-1',
        enableTrace: true,
        inputText: text,
      }),
      'invoke-inline-agent': asking('InvokeInlineAgent', {
        foundationModel: claude,
        instruction: 'canary: answer questions about the moon and nothing else.',
        sessionId: 'session-1',
        enableTrace: true,
        inputText: text,
      }),
      rerank: commanded('Rerank', {
        queries: [{ type: 'TEXT', textQuery: { text } }],
        sources: Array.from({ length: 150 }, (_, index) => document(index)),
        rerankingConfiguration: {
          type: 'BEDROCK_RERANKING_MODEL',
          bedrockRerankingConfiguration: { modelConfiguration: { modelArn: reranker } },
        },
      }),
      'retrieve-and-generate': commanded('RetrieveAndGenerate', {
        input: { text },
        retrieveAndGenerateConfiguration: {
          type: 'KNOWLEDGE_BASE',
          knowledgeBaseConfiguration: { knowledgeBaseId: 'base-1', modelArn: claude },
        },
      }),
      retrieve: commanded('Retrieve', { knowledgeBaseId: 'base-1', retrievalQuery: { text } }),
    },
  },
  control: {
    createClient: createClientOf('BedrockClient'),
    endpoints: {
      'model-invocation-job': commanded('CreateModelInvocationJob', {
        jobName: 'job-1',
        roleArn: 'arn:aws:iam::123456789012:role/example',
        modelId: claude,
        inputDataConfig: { s3InputDataConfig: { s3Uri: 's3://example/in' } },
        outputDataConfig: { s3OutputDataConfig: { s3Uri: 's3://example/out' } },
      }),
      'model-customization-job': commanded('CreateModelCustomizationJob', {
        jobName: 'job-2',
        customModelName: 'model-1',
        roleArn: 'arn:aws:iam::123456789012:role/example',
        baseModelIdentifier: nova,
        trainingDataConfig: { s3Uri: 's3://example/in' },
        outputDataConfig: { s3Uri: 's3://example/out' },
        hyperParameters: {},
      }),
    },
  },
  agent: {
    createClient: createClientOf('BedrockAgentClient'),
    endpoints: {
      'ingestion-job': commanded('StartIngestionJob', {
        knowledgeBaseId: 'base-1',
        dataSourceId: 'source-1',
      }),
    },
  },
};
