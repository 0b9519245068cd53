import { readNumber, readObject, readString } from '../json.js';
import { hasToolResult, readAnswerSchema, readConversationText, readTools } from './conversation.js';
import { countTokens, PromptCache } from './prompt-cache.js';
import { createRandom, hashText } from './random.js';
import type { Answer, AnswerUsage, Script, ToolCall } from './reply.js';
import type { ProviderRequest } from './request.js';
import { sampleSchema } from './sample.js';

const vocabulary = (
  'your order has left our warehouse and should arrive within two working days we are sorry for the delay ' +
  'the parcel was scanned this morning you can return any item within thirty days please keep the receipt ' +
  'a refund reaches the card in five days our team is glad to help with anything else'
).split(' ');

/**
 * A script that answers everything plausibly: calls an offered tool once, fits a requested schema, keeps prompt
 * caches, and derives usage from the request, so that equal requests in equal order give equal bills.
 */
export function createDefaultScript({ seed }: { seed: number }): Script {
  const cache = new PromptCache();
  return (request) => {
    if (request.endpoint === 'unknown' || request.endpoint === 'responses.retrieve') {
      return { kind: 'error', status: 404 };
    }
    // Streamed or not, the same question gets the same answer.
    const { stream: _stream, stream_options: _options, encoding_format: _format, ...question } = request.body;
    const random = createRandom(hashText(JSON.stringify(question)) ^ seed);
    return { kind: 'answer', answer: makeAnswer(request, { random, cache }) };
  };
}

interface Means {
  readonly random: () => number;
  readonly cache: PromptCache;
}

function makeAnswer(request: ProviderRequest, { random, cache }: Means): Answer {
  const counts = cache.count(request);
  if (request.endpoint === 'embeddings' || request.endpoint === 'messages.count_tokens') {
    return { usage: { inputTokens: counts.inputTokens, outputTokens: 0 } };
  }
  const toolCalls = chooseTool(request, random);
  if (toolCalls !== undefined) {
    const outputTokens = toolCalls.reduce((sum, call) => sum + 12 + countTokens(JSON.stringify(call)), 0);
    return { toolCalls, usage: withCost(request, { ...counts, outputTokens }) };
  }
  const text = makeText(request, random);
  const limit = readLimit(request);
  const isCut = limit !== undefined && countTokens(text) > limit;
  const shown = isCut ? text.slice(0, limit * 4) : text;
  const reasoningTokens = readReasoning(request, random);
  const choiceCount = Math.max(1, readNumber(request.body.n) ?? 1);
  const outputTokens = countTokens(shown) * choiceCount + (reasoningTokens ?? 0);
  return {
    texts: [shown],
    ...(isCut ? cutShort(request) : {}),
    usage: withCost(request, {
      ...counts,
      outputTokens,
      ...(reasoningTokens === undefined ? {} : { reasoningTokens }),
    }),
  };
}

function cutShort(request: ProviderRequest): Pick<Answer, 'finishReason' | 'status'> {
  if (request.endpoint === 'responses') return { status: 'incomplete' };
  return { finishReason: request.provider === 'anthropic' ? 'max_tokens' : 'length' };
}

function readLimit({ body }: ProviderRequest): number | undefined {
  return readNumber(body.max_completion_tokens ?? body.max_output_tokens ?? body.max_tokens);
}

/** OpenAI's reasoning models think in steps of 64 tokens. */
function readReasoning({ model, endpoint }: ProviderRequest, random: () => number): number | undefined {
  if (endpoint === 'completions' || !/^(gpt-5|o[134])/.test(model)) return undefined;
  return 64 * (1 + Math.floor(random() * 4));
}

function chooseTool(request: ProviderRequest, random: () => number): ToolCall[] | undefined {
  const tools = readTools(request);
  const choice = request.body.tool_choice;
  const choiceType = readString(choice) ?? readString(readObject(choice).type);
  if (tools.length === 0 || choiceType === 'none' || hasToolResult(request)) return undefined;
  const named = readString(readObject(choice).name ?? readObject(readObject(choice).function).name);
  const tool = tools.find(({ name }) => name === named) ?? tools[0];
  if (tool === undefined) return undefined;
  const sampled = sampleSchema(tool.schema, { random, text: readConversationText(request) });
  return [{ name: tool.name, arguments: readObject(sampled) }];
}

function makeText(request: ProviderRequest, random: () => number): string {
  const schema = readAnswerSchema(request);
  if (schema !== undefined) {
    return JSON.stringify(sampleSchema(schema, { random, text: readConversationText(request) }));
  }
  const length = 16 + Math.floor(random() * 48);
  const words = Array.from({ length }, () => vocabulary[Math.floor(random() * vocabulary.length)] ?? 'order');
  const text = `${words.join(' ')}.`;
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** OpenRouter says what it charged; a flat 2 USD per million tokens keeps the sum easy to check. */
function withCost(request: ProviderRequest, usage: AnswerUsage): AnswerUsage {
  if (request.provider !== 'openrouter') return usage;
  const cost = Number(((usage.inputTokens + usage.outputTokens) * 0.000002).toFixed(6));
  return { ...usage, extra: { cost, is_byok: false, cost_details: { upstream_inference_cost: null } } };
}
