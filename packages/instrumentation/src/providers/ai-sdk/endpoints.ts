import { ATTR, OPERATION, PROVIDER, type ProviderName } from '@costspan/semconv';
import type { CallRequest, EndpointCall, MethodEndpoint, Sent } from '../../provider.js';
import { messages } from '../anthropic/messages.js';
import {
  type Fields,
  omitUndefined,
  readFields,
  readInteger,
  readNumber,
  readText,
  readTexts,
} from '../fields.js';
import { readHost } from '../hosts.js';
import { readEmbedding, readGeneration, readPart } from './answer.js';
import { renderPrompt } from './content.js';
import type { ModelPackage, Wire } from './packages.js';

/** Start of a model's `provider` (`google.vertex.chat`) → the conventions' name. The longest that fits counts. */
const PROVIDERS: readonly (readonly [string, ProviderName])[] = [
  ['amazon-bedrock', PROVIDER.AWS_BEDROCK],
  ['bedrock', PROVIDER.AWS_BEDROCK],
  ['azure', PROVIDER.AZURE_AI_OPENAI],
  ['google.vertex', PROVIDER.GCP_VERTEX_AI],
  ['vertex', PROVIDER.GCP_VERTEX_AI],
  ['google', PROVIDER.GCP_GEMINI],
  ['mistral', PROVIDER.MISTRAL_AI],
  ['moonshotai', PROVIDER.MOONSHOT_AI],
  ['togetherai', PROVIDER.TOGETHER],
  ['xai', PROVIDER.X_AI],
  ['gateway', 'vercel'],
];

/** Every endpoint of a package: `doGenerate` and `doStream` of its language models, `doEmbed` of its embedding models. */
export function modelEndpoints({ languageModels, embeddingModels }: ModelPackage): MethodEndpoint[] {
  return [
    ...Object.entries(languageModels).flatMap(([className, wire]) => languageEndpoints(className, wire)),
    ...embeddingModels.map(embeddingEndpoint),
  ];
}

function languageEndpoints(className: string, wire: Wire): MethodEndpoint[] {
  const common = { className, readSent: readCall };
  return [
    {
      ...common,
      name: 'doGenerate',
      method: 'doGenerate',
      readRequest: (call) => readModelRequest(call, { operation: OPERATION.CHAT, isStream: false }),
      readResponse: (result, request) => readGeneration(wire, result, request),
    },
    {
      ...common,
      name: 'doStream',
      method: 'doStream',
      readRequest: (call) => readModelRequest(call, { operation: OPERATION.CHAT, isStream: true }),
      readResponse: (result, request) => readGeneration(wire, result, request),
      readAnswer: (returned) => readFields(returned).stream,
      readChunk: (soFar, part, request) => readPart(wire, soFar, part, request),
      ...(wire === 'messages' ? { overheard: { find: findConfig, readChunk: messages.readChunk! } } : {}),
      isPrelude: (part) => readFields(part).type === 'stream-start',
    },
  ];
}

const findConfig = (instance: object): object | undefined => {
  const { config } = instance as { config?: unknown };
  return typeof config === 'object' && config !== null ? config : undefined;
};

const embeddingEndpoint = (className: string): MethodEndpoint => ({
  className,
  name: 'doEmbed',
  method: 'doEmbed',
  readSent: readCall,
  readRequest: (call) => readModelRequest(call, { operation: OPERATION.EMBEDDINGS, isStream: false }),
  readResponse: readEmbedding,
});

/** The model's name and provider stand on the instance, everything else in the options. */
function readCall(args: readonly unknown[], instance: object): Sent {
  const { modelId, provider } = instance as { modelId?: unknown; provider?: unknown };
  return { path: '', body: { options: args[0], modelId, provider } };
}

/** Where a model sends to. Its configuration has a base URL, or a function that puts one before a path. */
export function readModelUrl(instance: object): string | undefined {
  const { config, modelId } = instance as { config?: unknown; modelId?: unknown };
  const { baseURL, baseUrl, url } = readFields(config);
  if (typeof baseUrl === 'function') return readText(baseUrl.call(config));
  if (typeof url === 'function') return readText(url.call(config, { path: '', modelId }));
  return readText(baseURL);
}

function readModelRequest(
  call: EndpointCall,
  { operation, isStream }: { readonly operation: string; readonly isStream: boolean },
): CallRequest {
  const { options, modelId, provider } = readFields(call.body);
  const fields = readFields(options);
  const host = readHost(call.client, readProvider(readText(provider)));
  const isPrompted = call.isContentCaptured === true && operation === OPERATION.CHAT;
  return omitUndefined<CallRequest>({
    operation,
    ...host,
    model: readText(modelId),
    isStream,
    attributes: { ...readSettings(fields), [ATTR.REQUEST_STREAM]: isStream ? true : undefined },
    content: isPrompted ? () => renderPrompt(fields) : undefined,
  });
}

function readProvider(provider: string | undefined): ProviderName {
  const name = provider ?? '';
  const known = PROVIDERS.find(([start]) => name === start || name.startsWith(`${start}.`));
  return known?.[1] ?? (name.split('.', 1)[0] || PROVIDER.OPENAI);
}

const readSettings = (options: Fields) => ({
  [ATTR.REQUEST_MAX_TOKENS]: readInteger(options.maxOutputTokens ?? options.maxTokens),
  [ATTR.REQUEST_TEMPERATURE]: readNumber(options.temperature),
  [ATTR.REQUEST_TOP_P]: readNumber(options.topP),
  [ATTR.REQUEST_TOP_K]: readInteger(options.topK),
  [ATTR.REQUEST_FREQUENCY_PENALTY]: readNumber(options.frequencyPenalty),
  [ATTR.REQUEST_PRESENCE_PENALTY]: readNumber(options.presencePenalty),
  [ATTR.REQUEST_SEED]: readInteger(options.seed),
  [ATTR.REQUEST_STOP_SEQUENCES]: readTexts(options.stopSequences),
  [ATTR.OUTPUT_TYPE]: readFields(options.responseFormat).type === 'json' ? 'json' : undefined,
});
