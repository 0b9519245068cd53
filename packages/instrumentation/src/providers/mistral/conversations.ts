import type { Usage } from '@costspan/pricing';
import { ATTR, OPERATION, PROVIDER } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint, EndpointCall, MethodEndpoint } from '../../provider.js';
import {
  type Fields,
  omitEmpty,
  omitUndefined,
  readCount,
  readFields,
  readItems,
  readText,
  sumCounts,
} from '../fields.js';
import { readHost } from '../hosts.js';
import { readKnown, toCamelCase } from '../speakeasy.js';

/** Where a method's body stands among its arguments: beginning a conversation takes the body alone. */
const METHODS: Readonly<Record<string, string | undefined>> = {
  start: undefined,
  startStream: undefined,
  append: 'conversationAppendRequest',
  appendStream: 'conversationAppendStreamRequest',
  restart: 'conversationRestartRequest',
  restartStream: 'conversationRestartStreamRequest',
};

function conversation(method: string): MethodEndpoint {
  const isStream = method.endsWith('Stream');
  const bodyField = METHODS[method];
  return {
    className: 'Conversations',
    method,
    name: `conversations.${method}`,
    readSent: ([request]) => ({ path: '', body: { request, bodyField } }),
    readRequest: (call) => readRequest(call, isStream),
    readResponse: (body) => readConversation(readFields(body)),
    ...(isStream ? { readChunk } : {}),
  };
}

/** `beta.conversations`: the provider keeps what was said, and runs its own tools and agents. */
export const conversations: readonly MethodEndpoint[] = Object.keys(METHODS).map(conversation);

const PATH = /^\/conversations(?:\/([^/?]+)(?:\/restart)?)?$/;

/** The same by hand. */
export const mistralConversations: Endpoint = {
  name: 'conversations',
  method: 'post',
  path: PATH,
  readRequest(call) {
    const { model, agent_id: agentId, stream } = readFields(call.body);
    const request = { model, agentId, conversationId: PATH.exec(call.path)?.[1] };
    return readRequest({ ...call, body: { request } }, stream === true);
  },
  readResponse: (body) => readConversation(readFields(toCamelCase(body))),
  readChunk: (soFar, chunk) => readChunk(soFar, { data: toCamelCase(chunk) }),
};

function readRequest(call: EndpointCall, isStream: boolean): CallRequest {
  const { request, bodyField } = readFields(call.body);
  const asked = readFields(request);
  const name = readText(bodyField);
  const body = name === undefined ? asked : readFields(asked[name]);
  return omitUndefined<CallRequest>({
    operation: OPERATION.CHAT,
    ...readHost(call.client, PROVIDER.MISTRAL_AI),
    model: readText(body.model) ?? readText(body.agentId),
    isStream,
    attributes: {
      [ATTR.REQUEST_STREAM]: isStream ? true : undefined,
      [ATTR.CONVERSATION_ID]: readText(asked.conversationId),
    },
  });
}

function readConversation(body: Fields): CallResult {
  const models = readItems(body.outputs).map((output) => readText(readFields(output).model));
  return readParts({
    usage: body.usage,
    conversationId: body.conversationId,
    model: models.find((model) => model !== undefined),
    soFar: { usageStatus: 'missing' },
  });
}

/** The first event names the conversation, what is said names its model, and the last event has the usage. */
function readChunk(soFar: CallResult, chunk: unknown): CallResult {
  const { type, usage, conversationId, model, message } = readKnown(readFields(chunk).data);
  if (type === 'conversation.response.error')
    return { ...soFar, errorType: message === undefined ? '_OTHER' : 'conversation.response.error' };
  if (usage === undefined && conversationId === undefined && (model === undefined || soFar.responseModel))
    return soFar;
  return readParts({ usage, conversationId, model: readText(model), soFar });
}

interface Parts {
  readonly usage: unknown;
  readonly conversationId: unknown;
  readonly model: string | undefined;
  readonly soFar: CallResult;
}

function readParts({ usage, conversationId, model, soFar }: Parts): CallResult {
  const id = readText(conversationId);
  const read = usage === undefined ? undefined : readUsage(readFields(usage));
  return omitUndefined<CallResult>({
    ...soFar,
    ...(read === undefined ? {} : { usageStatus: 'complete', usage: read }),
    responseModel: soFar.responseModel ?? model,
    attributes: id === undefined ? soFar.attributes : { [ATTR.CONVERSATION_ID]: id },
  });
}

/** What connectors put into the prompt is billed as input, and counted by itself: the total shows it. */
function readUsage(usage: Fields): Usage | undefined {
  const input = readCount(usage.promptTokens);
  const output = readCount(usage.completionTokens);
  const connected = readCount(usage.connectorTokens);
  const sum = sumCounts(input, output, connected);
  const isOutside = connected !== undefined && readCount(usage.totalTokens) === sum;
  return omitEmpty<Usage>({
    inputTokens: isOutside ? sumCounts(input, connected) : input,
    outputTokens: output,
    toolRequests: readConnectors(readFields(usage.connectors)),
  });
}

function readConnectors(connectors: Fields): Usage['toolRequests'] {
  const requests: Record<string, number> = {};
  for (const [name, used] of Object.entries(connectors)) {
    const count = readCount(used) ?? 0;
    if (count > 0) requests[name] = count;
  }
  return omitEmpty<Record<string, number>>(requests);
}
