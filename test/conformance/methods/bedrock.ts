/** What Bedrock answers: JSON, and AWS event streams. */
import { crc32 } from 'node:zlib';
import type { EndpointPlan, Family, Known, StreamReply, WholeReply } from './family.ts';

const NOVA = 'us.amazon.nova-lite-v1:0';
const CLAUDE = 'anthropic.claude-haiku-4-5-20251001-v1:0';
const ROUTER = 'arn:aws:bedrock:us-east-1:123456789012:default-prompt-router/anthropic.claude:1';
const OLDEST = '3.587.0';
const JSON_HEADERS = { 'content-type': 'application/json', 'x-amzn-requestid': 'request-1' };

export const json = (body: unknown, headers: Readonly<Record<string, string>> = {}): WholeReply => ({
  headers: { ...JSON_HEADERS, ...headers },
  body: JSON.stringify(body),
});

/** A header of an event stream's message: name, type 7 (string), value. */
function writeHeader(name: string, value: string): Buffer {
  const size = Buffer.alloc(2);
  size.writeUInt16BE(value.length);
  return Buffer.concat([
    Buffer.from([name.length]),
    Buffer.from(name),
    Buffer.from([7]),
    size,
    Buffer.from(value),
  ]);
}

/** One message: lengths and their checksum, headers, payload, checksum of it all. */
export function writeEvent(type: string, payload: unknown): Uint8Array {
  const headers = Buffer.concat([
    writeHeader(':event-type', type),
    writeHeader(':content-type', 'application/json'),
    writeHeader(':message-type', 'event'),
  ]);
  const body = Buffer.from(JSON.stringify(payload));
  const prelude = Buffer.alloc(12);
  prelude.writeUInt32BE(16 + headers.length + body.length, 0);
  prelude.writeUInt32BE(headers.length, 4);
  prelude.writeUInt32BE(crc32(prelude.subarray(0, 8)), 8);
  const message = Buffer.concat([prelude, headers, body]);
  const end = Buffer.alloc(4);
  end.writeUInt32BE(crc32(message));
  return Buffer.concat([message, end]);
}

/** A streamed reply of such messages. */
export const stream = (events: readonly Uint8Array[]): StreamReply => ({
  headers: { 'content-type': 'application/vnd.amazon.eventstream' },
  events,
});

/** Nova Lite, USD per million: 0.06 in, 0.015 from the cache, 0.24 out. */
const NOVA_USD = (100 * 60_000 + 1_000 * 15_000 + 40 * 240_000) / 1e12;
const NOVA_USAGE = { inputTokens: 100, cacheReadInputTokens: 1_000, outputTokens: 40, totalTokens: 1_140 };
const CONVERSED: Known = {
  usageStatus: 'complete',
  counts: { input: 1_100, cacheRead: 1_000, output: 40 },
  costUsd: NOVA_USD,
  finish: ['end_turn'],
};
const conversation = (more: object = {}): WholeReply =>
  json({
    output: { message: { role: 'assistant', content: [{ text: 'Alpha beta.' }] } },
    stopReason: 'end_turn',
    usage: NOVA_USAGE,
    metrics: { latencyMs: 100 },
    ...more,
  });

const MISSING: Known = { usageStatus: 'missing' };

const converse: EndpointPlan = {
  operation: 'chat',
  model: NOVA,
  whole: conversation(),
  known: CONVERSED,
  scenarios: {
    callback: { replies: [conversation()], spans: [{ known: CONVERSED }] },
    'aggregated-client': { replies: [conversation()], spans: [{ known: CONVERSED }] },
    // The SDK tries again by itself: one call.
    retried: {
      replies: [
        { ...json({ message: 'busy' }, { 'x-amzn-errortype': 'ServiceUnavailableException' }), status: 503 },
        conversation(),
      ],
      spans: [{ known: CONVERSED, resends: 1 }],
    },
    // The router's model is billed: Claude Haiku 4.5 at its regional rate of 1.10 in and 5.50 out.
    router: {
      replies: [
        conversation({
          usage: { inputTokens: 100, outputTokens: 40, totalTokens: 140 },
          trace: { promptRouter: { invokedModelId: CLAUDE } },
        }),
      ],
      // Versions before there were routers drop the model that the answer names, and no price is guessed.
      spans: (version) => {
        const { costUsd: _unknown, ...known } = { ...CONVERSED, counts: { input: 100, output: 40 } };
        const priced = {
          ...known,
          costUsd: (100 * 1_100_000 + 40 * 5_500_000) / 1e12,
          responseModel: CLAUDE,
        };
        return [{ model: ROUTER, known: version === OLDEST ? known : priced }];
      },
    },
    flex: {
      replies: [conversation({ serviceTier: { type: 'flex' } })],
      // Versions before there were tiers drop the one that the answer states.
      spans: (version) => [
        { known: version === OLDEST ? CONVERSED : { ...CONVERSED, costUsd: NOVA_USD / 2 } },
      ],
    },
  },
};

const converseStream: EndpointPlan = {
  operation: 'chat',
  model: NOVA,
  whole: conversation(),
  known: CONVERSED,
  stream: stream([
    writeEvent('messageStart', { role: 'assistant' }),
    writeEvent('contentBlockDelta', { contentBlockIndex: 0, delta: { text: 'Alpha.' } }),
    writeEvent('messageStop', { stopReason: 'end_turn' }),
    writeEvent('metadata', { usage: NOVA_USAGE, metrics: { latencyMs: 100 } }),
  ]),
  knownAfter: (chunks) =>
    chunks < 3 ? MISSING : chunks < 4 ? { ...MISSING, finish: ['end_turn'] } : CONVERSED,
};

/** Claude's own counts: what was read from and written to the cache is not in its input. */
const CLAUDE_USAGE = {
  input_tokens: 100,
  cache_read_input_tokens: 1_000,
  cache_creation_input_tokens: 500,
  output_tokens: 40,
};
const CLAUDE_COUNTS = { input: 1_600, cacheRead: 1_000, cacheWrite: 500, output: 40 };
const claudeUsd = (output: number): number =>
  (100 * 1_100_000 + 1_000 * 110_000 + 500 * 1_375_000 + output * 5_500_000) / 1e12;
const INVOKED: Known = {
  usageStatus: 'complete',
  counts: CLAUDE_COUNTS,
  costUsd: claudeUsd(40),
  finish: ['end_turn'],
  responseId: 'msg_1',
  responseModel: 'claude-haiku-4-5-20251001',
};
const MESSAGE = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'claude-haiku-4-5-20251001',
  content: [{ type: 'text', text: 'Alpha beta.' }],
  stop_reason: 'end_turn',
  usage: CLAUDE_USAGE,
};

const invoke: EndpointPlan = {
  operation: 'chat',
  model: CLAUDE,
  whole: json(MESSAGE),
  known: INVOKED,
  scenarios: {
    // A dialect without counts: the service's headers have them.
    headers: {
      replies: [
        json(
          { outputs: [{ text: 'Alpha.', stop_reason: 'stop' }] },
          { 'x-amzn-bedrock-input-token-count': '100', 'x-amzn-bedrock-output-token-count': '40' },
        ),
      ],
      spans: [
        {
          known: {
            usageStatus: 'complete',
            counts: { input: 100, output: 40 },
            costUsd: (100 * 1_100_000 + 40 * 5_500_000) / 1e12,
          },
        },
      ],
    },
  },
};

/** What a model's own event is wrapped in. */
export const chunk = (payload: unknown): Uint8Array =>
  writeEvent('chunk', { bytes: Buffer.from(JSON.stringify(payload)).toString('base64') });
const STARTED: Known = {
  ...INVOKED,
  usageStatus: 'partial',
  counts: { input: 1_600, cacheRead: 1_000, cacheWrite: 500 },
  costUsd: claudeUsd(0),
  finish: ['error'],
};

const invokeStream: EndpointPlan = {
  operation: 'chat',
  model: CLAUDE,
  whole: json(MESSAGE),
  known: INVOKED,
  stream: stream([
    chunk({
      type: 'message_start',
      message: { ...MESSAGE, content: [], stop_reason: null, usage: { ...CLAUDE_USAGE, output_tokens: 1 } },
    }),
    chunk({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Alpha.' } }),
    chunk({ type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 40 } }),
    chunk({
      type: 'message_stop',
      'amazon-bedrock-invocationMetrics': { inputTokenCount: 100, outputTokenCount: 40 },
    }),
  ]),
  knownAfter: (chunks) => (chunks === 0 ? MISSING : chunks < 3 ? STARTED : INVOKED),
  scenarios: {
    flex: {
      replies: [
        {
          headers: {
            'content-type': 'application/vnd.amazon.eventstream',
            'x-amzn-bedrock-service-tier': 'flex',
          },
          events: [
            chunk({ outputs: [{ text: 'Alpha.' }] }),
            chunk({
              outputs: [{ text: 'Beta.', stop_reason: 'stop' }],
              'amazon-bedrock-invocationMetrics': { inputTokenCount: 100, outputTokenCount: 40 },
            }),
          ],
        },
      ],
      spans: [
        {
          isStream: true,
          known: {
            usageStatus: 'complete',
            counts: { input: 100, output: 40 },
            costUsd: (100 * 1_100_000 + 40 * 5_500_000) / 2e12,
          },
        },
      ],
    },
  },
};

/** Events of a conversation in speech: its totals come again with all that has been used so far. */
const heard = (event: object): Uint8Array =>
  writeEvent('chunk', { bytes: Buffer.from(JSON.stringify({ event })).toString('base64') });
const spent = (speechIn: number, speechOut: number): Uint8Array =>
  heard({
    usageEvent: {
      details: {
        total: {
          input: { speechTokens: speechIn, textTokens: 100 },
          output: { speechTokens: speechOut, textTokens: 20 },
        },
      },
      totalInputTokens: speechIn + 100,
      totalOutputTokens: speechOut + 20,
    },
  });
const SPEECH = stream([
  heard({ completionStart: { completionId: 'completion-1' } }),
  spent(200, 0),
  heard({ audioOutput: { content: 'AAAA' } }),
  spent(400, 300),
  heard({ completionEnd: { completionId: 'completion-1', stopReason: 'END_TURN' } }),
]);
/** Nova 2 Sonic, USD per million: text 0.33 and 2.75, speech 3 and 12. */
const spoken: EndpointPlan = {
  operation: 'chat',
  model: 'amazon.nova-2-sonic-v1:0',
  whole: json({}),
  known: { usageStatus: 'missing' },
  scenarios: {
    spoken: {
      replies: [SPEECH],
      spans: [
        {
          isStream: true,
          known: {
            usageStatus: 'complete',
            counts: { input: 500, output: 320 },
            costUsd: (100 * 330_000 + 400 * 3_000_000 + 20 * 2_750_000 + 300 * 12_000_000) / 1e12,
            finish: ['end_turn'],
          },
        },
      ],
    },
  },
};

const ARN = 'arn:aws:bedrock:us-east-1:123456789012:async-invoke/job-1';
const job = (status: string): WholeReply =>
  json({
    invocationArn: ARN,
    modelArn: 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-reel-v1:1',
    status,
    submitTime: '2026-10-01T12:00:00Z',
    outputDataConfig: { s3OutputDataConfig: { s3Uri: 's3://example' } },
  });
/** Six seconds of Nova Reel at 0.08, billed once however often they are asked for. */
const video: EndpointPlan = {
  operation: 'generate_content',
  model: 'amazon.nova-reel-v1:1',
  whole: json({ invocationArn: ARN }),
  known: { usageStatus: 'missing' },
  scenarios: {
    waited: {
      replies: [json({ invocationArn: ARN }), job('InProgress'), job('Completed')],
      spans: [
        { known: { usageStatus: 'complete', costUsd: 0.48, responseId: ARN } },
        ...[1, 2, 3].map(() => ({
          known: { usageStatus: 'missing', responseId: ARN } as const,
          operation: 'fetch_response',
          hasNoModel: true,
          isFree: true,
        })),
      ],
    },
  },
};

/** Two units of content at 0.15 per 1,000, one of personal data at 0.10; words are free. */
const guarded: EndpointPlan = {
  operation: 'apply_guardrail',
  model: 'amazon.guardrail',
  whole: json({
    action: 'NONE',
    outputs: [],
    assessments: [],
    usage: {
      topicPolicyUnits: 0,
      contentPolicyUnits: 2,
      wordPolicyUnits: 1,
      sensitiveInformationPolicyUnits: 1,
      sensitiveInformationPolicyFreeUnits: 0,
      contextualGroundingPolicyUnits: 0,
      automatedReasoningPolicyUnits: 3,
      automatedReasoningPolicies: 2,
    },
  }),
  // By the thousand: content 0.15, sensitive information 0.10, reasoning 0.17 for each of two policies.
  known: { usageStatus: 'complete', costUsd: 0.0003 + 0.0001 + 0.00102 },
};

/** Checks by themselves, by the thousand: content 0.07, prompt attacks 0.08, sensitive information 0.10. */
const checked: EndpointPlan = {
  operation: 'apply_guardrail',
  model: 'amazon.guardrail',
  whole: json({
    results: { contentFilter: { results: [{ category: 'HATE', severityScore: 0 }] } },
    usage: {
      contentFilter: { textUnits: 2 },
      promptAttack: { textUnits: 2 },
      sensitiveInformation: { textUnits: 1 },
    },
  }),
  known: { usageStatus: 'complete', costUsd: 0.00014 + 0.00016 + 0.0001 },
};

/** `@aws-sdk/client-bedrock-runtime`. */
export const bedrock: Family = {
  name: 'bedrock',
  package: '@aws-sdk/client-bedrock-runtime',
  provider: 'aws.bedrock',
  versions: [
    { alias: 'bedrock-3-587', version: OLDEST },
    { alias: 'bedrock-3', version: '3.1164.0' },
  ],
  endpoints: {
    converse,
    'converse-stream': converseStream,
    invoke,
    'invoke-stream': invokeStream,
    'invoke-bidirectional-stream': spoken,
    'async-invoke': video,
    'apply-guardrail': guarded,
    'guardrail-checks': checked,
    embed: {
      operation: 'embeddings',
      model: 'amazon.titan-embed-text-v1',
      whole: json({ embedding: [0.25, -0.5], inputTextTokenCount: 8 }),
      known: { usageStatus: 'complete', counts: { input: 8 }, costUsd: 0.0000008 },
    },
  },
  writeError: (status) =>
    json({ message: `refused with ${status}` }, { 'x-amzn-errortype': 'ValidationException' }),
};
