import type { Usage } from '@costspan/pricing';
import { ATTR, OPERATION } from '@costspan/semconv';
import type {
  CallRequest,
  CallResult,
  EndpointCall,
  MethodEndpoint,
  SpanAttributes,
} from '../../provider.js';
import {
  type Fields,
  omitEmpty,
  omitUndefined,
  readCount,
  readFields,
  readItems,
  readText,
} from '../fields.js';
import {
  type Part,
  reasoningPart,
  renderMessages,
  renderTools,
  textPart,
  toolCallPart,
  toolResponsePart,
} from '../parts.js';
import { countGuardrailUnits } from './guardrail.js';
import { readBedrockRequest, readCommand, readInferenceConfig, readRate, SENT } from './request.js';
import { readConverseUsage, readStatus } from './usage.js';

/** `Converse`: one shape for every model. */
export const converse: MethodEndpoint = {
  ...SENT,
  name: 'converse',
  readSent: readCommand('ConverseCommand'),
  readRequest: (call) => readConverseRequest(call, false),
  readResponse: readConversed,
};

/** `ConverseStream`: counts, tier and trace come with the last event. */
export const converseStream: MethodEndpoint = {
  ...SENT,
  name: 'converse-stream',
  readSent: readCommand('ConverseStreamCommand'),
  readRequest: (call) => readConverseRequest(call, true),
  readResponse: readConversed,
  readChunk,
  readAnswer: (returned) => readFields(returned).stream,
};

function readConverseRequest(call: EndpointCall, isStream: boolean): CallRequest {
  const input = readFields(call.body);
  const attributes = readInferenceConfig(readFields(input.inferenceConfig));
  return readBedrockRequest(call, {
    operation: OPERATION.CHAT,
    isStream,
    attributes,
    content: () => renderConverseRequest(input),
  });
}

function readConversed(body: unknown, request: CallRequest): CallResult {
  const output = readFields(body);
  const reason = readText(output.stopReason);
  const message = readFields(readFields(output.output).message);
  return omitUndefined<CallResult>({
    ...readMetadata(output, request),
    finishReasons: reason === undefined ? undefined : [reason],
    content:
      request.content === undefined ? undefined : () => renderAnswer(readItems(message.content), reason),
  });
}

/** What `Converse` says beside its message, and the last event of a stream. */
function readMetadata(output: Fields, request: CallRequest): CallResult {
  const trace = readFields(output.trace);
  const usage = omitEmpty<Usage>({
    ...readConverseUsage(readFields(output.usage)),
    toolRequests: readTools(readFields(output.usage), trace),
  });
  // A router names the model that it chose: its rates hold.
  const invoked = readText(readFields(trace.promptRouter).invokedModelId);
  return omitUndefined<CallResult>({
    usageStatus: readStatus(usage),
    usage,
    responseModel: invoked,
    pricedModel: invoked ?? request.model,
    ...readRate(readFields(output.serviceTier).type, readFields(output.performanceConfig).latency),
  });
}

/** Guardrail units stand in the trace, where one was asked for: per guardrail, of input and of output. */
function readTools(usage: Fields, trace: Fields): Usage['toolRequests'] {
  const { inputAssessment, outputAssessments } = readFields(trace.guardrail);
  const assessments = [inputAssessment, outputAssessments].flatMap((one) =>
    Object.values(readFields(one)).flat(),
  );
  const units = assessments.map((one) => readFields(readFields(readFields(one).invocationMetrics).usage));
  const requests: Record<string, number> = { ...countGuardrailUnits(...units) };
  for (const [name, used] of Object.entries(readFields(usage.serverToolUsage))) {
    const tool = name === 'webSearchRequests' ? 'web_search' : name;
    const count = readCount(used) ?? 0;
    if (count > 0) requests[tool] = (requests[tool] ?? 0) + count;
  }
  return omitEmpty<Record<string, number>>(requests);
}

/** What the fold remembers. */
interface ConverseState {
  readonly blocks: ReadonlyMap<number, Part>;
}
const NO_BLOCKS: ConverseState = { blocks: new Map() };

function readChunk(soFar: CallResult, chunk: unknown, request: CallRequest): CallResult {
  const event = readFields(chunk);
  if (event.metadata !== undefined) {
    const read = readMetadata(readFields(event.metadata), request);
    return { ...soFar, ...read };
  }
  if (event.messageStop !== undefined) {
    const reason = readText(readFields(event.messageStop).stopReason);
    const { blocks } = (soFar.state as ConverseState | undefined) ?? NO_BLOCKS;
    const content = (): SpanAttributes => renderParts([...blocks.values()], reason);
    return { ...soFar, finishReasons: [reason], ...(request.content === undefined ? {} : { content }) };
  }
  const fault = Object.keys(event).find((name) => name.endsWith('Exception'));
  if (fault !== undefined) return { ...soFar, errorType: fault };
  if (request.content === undefined) return soFar;
  return hear(soFar, event);
}

function hear(soFar: CallResult, event: Fields): CallResult {
  const before = (soFar.state as ConverseState | undefined) ?? NO_BLOCKS;
  const start = readFields(readFields(event.contentBlockStart).start);
  const { contentBlockIndex, delta } = readFields(event.contentBlockDelta ?? event.contentBlockStart);
  const at = readCount(contentBlockIndex);
  if (at === undefined) return soFar;
  const tool = readFields(start.toolUse);
  const known =
    before.blocks.get(at) ??
    (start.toolUse === undefined ? undefined : toolCallPart(tool.toolUseId, tool.name, ''));
  const next = addDelta(known, readFields(delta));
  const blocks = next === undefined ? before.blocks : new Map([...before.blocks, [at, next]]);
  const content = (): SpanAttributes => renderParts([...blocks.values()], undefined);
  return { ...soFar, state: { blocks }, content };
}

function addDelta(known: Part | undefined, delta: Fields): Part | undefined {
  const text = readText(delta.text);
  const thought = readText(readFields(delta.reasoningContent).text);
  const json = readText(readFields(delta.toolUse).input);
  if (text !== undefined) return textPart(`${String(known?.content ?? '')}${text}`);
  if (thought !== undefined) return reasoningPart(`${String(known?.content ?? '')}${thought}`);
  if (json !== undefined && known !== undefined)
    return { ...known, arguments: `${String(known.arguments ?? '')}${json}` };
  return known;
}

function renderConverseRequest(input: Fields): SpanAttributes {
  const messages = readItems(input.messages).map((message) => {
    const { role, content } = readFields(message);
    return { role: readText(role) ?? 'user', parts: readItems(content).map(readBlock) };
  });
  const system = readItems(input.system).map(readBlock);
  const tools = readItems(readFields(input.toolConfig).tools).map((tool) => {
    const { name, description, inputSchema } = readFields(readFields(tool).toolSpec);
    return { name, description, parameters: readFields(inputSchema).json };
  });
  return {
    [ATTR.INPUT_MESSAGES]: renderMessages(messages),
    [ATTR.SYSTEM_INSTRUCTIONS]: system.length === 0 ? undefined : JSON.stringify(system),
    [ATTR.TOOL_DEFINITIONS]: renderTools(tools),
  };
}

const renderAnswer = (blocks: readonly unknown[], reason: string | undefined): SpanAttributes =>
  renderParts(blocks.map(readBlock), reason);

function renderParts(parts: readonly Part[], reason: string | undefined): SpanAttributes {
  // The pieces of a tool's arguments are JSON text until the last one has come.
  const whole = parts.map((part) =>
    part.type === 'tool_call' ? toolCallPart(part.id, part.name, part.arguments) : part,
  );
  const message = {
    role: 'assistant',
    parts: whole,
    ...(reason === undefined ? {} : { finish_reason: reason }),
  };
  return { [ATTR.OUTPUT_MESSAGES]: renderMessages([message]) };
}

function readBlock(block: unknown): Part {
  const fields = readFields(block);
  const { toolUse, toolResult, reasoningContent } = fields;
  if (toolUse !== undefined) {
    const { toolUseId, name, input } = readFields(toolUse);
    return toolCallPart(toolUseId, name, input);
  }
  if (toolResult !== undefined) {
    const { toolUseId, content } = readFields(toolResult);
    return toolResponsePart(toolUseId, readItems(content).map(readBlock));
  }
  if (reasoningContent !== undefined)
    return reasoningPart(readText(readFields(readFields(reasoningContent).reasoningText).text) ?? '');
  const text = readText(fields.text);
  // Images, documents and videos are named, their bytes left out.
  return text === undefined ? { type: Object.keys(fields)[0] ?? 'text' } : textPart(text);
}
