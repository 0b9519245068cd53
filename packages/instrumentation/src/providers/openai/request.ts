import { ATTR, type Operation, PROVIDER, type ProviderName } from '@costspan/semconv';
import type { CallRequest, EndpointCall, SpanAttributes } from '../../provider.js';
import {
  asOptional,
  type Fields,
  readFields,
  readInteger,
  readItems,
  readNumber,
  readText,
  readTexts,
} from '../fields.js';
import { readHost } from '../hosts.js';

/** The `openai.*` attributes belong to OpenAI's own API; Azure serves the same one. */
const OPENAI_API_PROVIDERS: ReadonlySet<ProviderName> = new Set([PROVIDER.OPENAI, PROVIDER.AZURE_AI_OPENAI]);

export interface RequestShape {
  readonly operation: Operation;
  /** `openai.api.type`, where the conventions name one. */
  readonly apiType?: 'chat_completions' | 'responses';
  readonly attributes: SpanAttributes;
  /** Renders the prompt; asked for only when capture is on. */
  readonly content?: (body: Fields) => SpanAttributes;
}

/** What every OpenAI endpoint reads from a request alike. */
export function readOpenaiRequest(call: EndpointCall, shape: RequestShape): CallRequest {
  const body = readFields(call.body);
  const host = readHost(call.client, call.sdkProvider ?? PROVIDER.OPENAI);
  const isStream = body.stream === true;
  const tier = readText(body.service_tier);
  const isOpenaiApi = OPENAI_API_PROVIDERS.has(host.provider);
  const { content } = shape;
  return asOptional<CallRequest>({
    operation: shape.operation,
    ...host,
    model: readText(body.model),
    isStream,
    attributes: {
      ...shape.attributes,
      [ATTR.REQUEST_STREAM]: isStream ? true : undefined,
      [ATTR.OPENAI_API_TYPE]: isOpenaiApi ? shape.apiType : undefined,
      [ATTR.OPENAI_REQUEST_SERVICE_TIER]: isOpenaiApi && tier !== 'auto' ? tier : undefined,
    },
    content: call.isContentCaptured === true && content !== undefined ? () => content(body) : undefined,
  });
}

/** Sampling settings that chat completions and legacy completions share. */
export function readSampling(body: Fields): SpanAttributes {
  const choices = readInteger(body.n);
  return {
    [ATTR.REQUEST_MAX_TOKENS]: readInteger(body.max_completion_tokens) ?? readInteger(body.max_tokens),
    [ATTR.REQUEST_TEMPERATURE]: readNumber(body.temperature),
    [ATTR.REQUEST_TOP_P]: readNumber(body.top_p),
    [ATTR.REQUEST_TOP_K]: readInteger(body.top_k),
    [ATTR.REQUEST_FREQUENCY_PENALTY]: readNumber(body.frequency_penalty),
    [ATTR.REQUEST_PRESENCE_PENALTY]: readNumber(body.presence_penalty),
    [ATTR.REQUEST_SEED]: readInteger(body.seed),
    [ATTR.REQUEST_STOP_SEQUENCES]: readStop(body.stop),
    [ATTR.REQUEST_CHOICE_COUNT]: choices === 1 ? undefined : choices,
  };
}

function readStop(stop: unknown): string[] | undefined {
  return typeof stop === 'string' ? [stop] : readTexts(stop);
}

/** `gen_ai.output.type` of a `response_format` or `text.format`, else of the modalities; `undefined` when none is asked for. */
export function readOutputType(format: unknown, modalities?: unknown): string | undefined {
  const type = readText(readFields(format).type);
  if (type !== undefined) return type.startsWith('json') ? 'json' : type === 'text' ? 'text' : undefined;
  return readItems(modalities).includes('audio') ? 'speech' : undefined;
}

/** Attributes of the response that only OpenAI's own API has a name for. */
export function readOpenaiResponseAttributes(
  request: CallRequest,
  tier: string | undefined,
  fingerprint?: string | undefined,
): SpanAttributes | undefined {
  if (!OPENAI_API_PROVIDERS.has(request.provider)) return undefined;
  if (tier === undefined && fingerprint === undefined) return undefined;
  return {
    [ATTR.OPENAI_RESPONSE_SERVICE_TIER]: tier,
    [ATTR.OPENAI_RESPONSE_SYSTEM_FINGERPRINT]: fingerprint,
  };
}

/** `error.type` of a body or chunk that is an error report instead of an answer (OpenRouter answers 200 with one). */
export function readErrorType(error: unknown): string | undefined {
  const fields = readFields(error);
  const code = fields.code;
  return (
    readText(code) ??
    (typeof code === 'number' ? String(code) : undefined) ??
    readText(fields.type) ??
    (readText(fields.message) === undefined && readText(error) === undefined ? undefined : '_OTHER')
  );
}
