/** What Bedrock answers for its agents and knowledge bases, and for jobs. */
import { json, stream, writeEvent } from './bedrock.ts';
import type { EndpointPlan, Family, Known, StreamReply } from './family.ts';

const NOVA = 'us.amazon.nova-lite-v1:0';
const CLAUDE = 'anthropic.claude-haiku-4-5-20251001-v1:0';
const RERANKER = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.rerank-v1:0';

const ask = (traceId: string, foundationModel?: string) => ({
  modelInvocationInput: { traceId, type: 'ORCHESTRATION', text: 'Alpha?', foundationModel },
});
const answer = (traceId: string, inputTokens: number, outputTokens: number) => ({
  modelInvocationOutput: { traceId, metadata: { usage: { inputTokens, outputTokens } } },
});
const trace = (step: object): Uint8Array => writeEvent('trace', { sessionId: 'session-1', trace: step });
const said = writeEvent('chunk', { bytes: Buffer.from('Alpha beta.').toString('base64') });

const agentStream = (events: readonly Uint8Array[]): StreamReply => ({
  ...stream(events),
  headers: {
    'content-type': 'application/vnd.amazon.eventstream',
    'x-amzn-bedrock-agent-content-type': 'application/json',
    'x-amz-bedrock-agent-session-id': 'session-1',
  },
});

/** USD per million, regional: Claude Haiku 4.5 at 1.10 in and 5.50 out, Nova Lite at 0.06 and 0.24. */
const [CLAUDE_USD, NOVA_USD] = [
  (100 * 1_100_000 + 40 * 5_500_000) / 1e12,
  (10 * 60_000 + 4 * 240_000) / 1e12,
];
const MISSING: Known = { usageStatus: 'missing' };
const FIRST: Known = { usageStatus: 'partial', counts: { input: 100, output: 40 }, costUsd: CLAUDE_USD };
const BOTH: Known = {
  usageStatus: 'partial',
  counts: { input: 110, output: 44 },
  costUsd: CLAUDE_USD + NOVA_USD,
};

/** One model thinks, another one writes. */
const agent = ({ model, stated }: { model: string; stated: string | undefined }): EndpointPlan => ({
  operation: 'chat',
  model,
  whole: json({}),
  known: { ...BOTH, usageStatus: 'complete' },
  stream: agentStream([
    trace({ orchestrationTrace: ask('trace-1', stated) }),
    trace({ orchestrationTrace: answer('trace-1', 100, 40) }),
    trace({ postProcessingTrace: ask('trace-2', NOVA) }),
    trace({ postProcessingTrace: answer('trace-2', 10, 4) }),
    said,
  ]),
  knownAfter: (chunks) =>
    [MISSING, MISSING, FIRST, FIRST, BOTH][chunks] ?? { ...BOTH, usageStatus: 'complete' },
  scenarios: {
    untraced: { replies: [agentStream([said])], spans: [{ isStream: true, known: MISSING }] },
  },
});

const withoutModel = (plan: EndpointPlan): EndpointPlan => ({ ...plan, hasNoModel: true });

const reranked = (count: number) =>
  json({ results: Array.from({ length: count }, (_, index) => ({ index, relevanceScore: 0.5 })) });

const unstated = (operation: string, model: string, body: object): EndpointPlan => ({
  operation,
  model,
  warns: 'COSTSPAN_UNPRICED',
  whole: json(body),
  known: MISSING,
});

const writeError: Family['writeError'] = (status) =>
  json({ message: `refused with ${status}` }, { 'x-amzn-errortype': 'ValidationException' });

/** `@aws-sdk/client-bedrock-agent-runtime`. */
export const bedrockAgentRuntime: Family = {
  name: 'bedrock-agent-runtime',
  package: '@aws-sdk/client-bedrock-agent-runtime',
  provider: 'aws.bedrock',
  versions: [
    { alias: 'bedrock-agent-runtime-3-714', version: '3.714.0' },
    { alias: 'bedrock-agent-runtime-3', version: '3.1164.0' },
  ],
  endpoints: {
    // It tells of both kinds of agents.
    'invoke-agent': { ...withoutModel(agent({ model: '', stated: CLAUDE })), warns: 'COSTSPAN_UNPRICED' },
    'invoke-inline-agent': agent({ model: CLAUDE, stated: undefined }),
    rerank: {
      operation: 'rerank',
      model: RERANKER,
      whole: reranked(2),
      // 150 documents are two searches at a dollar per thousand.
      known: { usageStatus: 'complete', costUsd: 0.002 },
    },
    'retrieve-and-generate': unstated('chat', CLAUDE, { sessionId: 'session-1', output: { text: 'Alpha.' } }),
    retrieve: withoutModel(unstated('generate_content', '', { retrievalResults: [] })),
  },
  writeError,
};

/** `@aws-sdk/client-bedrock`. */
export const bedrockControl: Family = {
  name: 'bedrock-control',
  package: '@aws-sdk/client-bedrock',
  provider: 'aws.bedrock',
  versions: [
    { alias: 'bedrock-control-3-583', version: '3.583.0' },
    { alias: 'bedrock-control-3', version: '3.1164.0' },
  ],
  endpoints: {
    'model-invocation-job': unstated('generate_content', CLAUDE, { jobArn: 'arn:job-1' }),
    'model-customization-job': unstated('generate_content', NOVA, { jobArn: 'arn:job-2' }),
  },
  writeError,
};

/** `@aws-sdk/client-bedrock-agent`. */
export const bedrockAgent: Family = {
  name: 'bedrock-agent',
  package: '@aws-sdk/client-bedrock-agent',
  provider: 'aws.bedrock',
  versions: [
    { alias: 'bedrock-agent-3-588', version: '3.588.0' },
    { alias: 'bedrock-agent-3', version: '3.1138.0' },
  ],
  endpoints: {
    'ingestion-job': withoutModel(unstated('embeddings', '', { ingestionJob: { status: 'STARTING' } })),
  },
  writeError,
};
