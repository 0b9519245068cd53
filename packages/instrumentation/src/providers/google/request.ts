import { ATTR, PROVIDER } from '@costspan/semconv';
import type { CallRequest, EndpointCall, Sent, SpanAttributes } from '../../provider.js';
import {
  type Fields,
  omitUndefined,
  readFields,
  readInteger,
  readItems,
  readNumber,
  readText,
  readTexts,
} from '../fields.js';
import { readHost } from '../hosts.js';
import { renderGoogleRequest } from './content.js';

/** The request of every Google SDK in one shape: what each of them spreads over instance and arguments. */
export interface GoogleRequest {
  readonly isVertex: boolean;
  readonly model: string | undefined;
  /** Settings of the generation, whatever the SDK calls them. */
  readonly config: Fields;
  /** Contents, tools and system instruction, for content capture alone. */
  readonly prompt: Fields;
}

/** Names the operation in a {@link Sent}. */
export const asSent = (path: string, request: GoogleRequest): Sent => ({ path, body: request });

const NO_REQUEST: GoogleRequest = { isVertex: false, model: undefined, config: {}, prompt: {} };

/** The request that {@link asSent} has put together; none of another shape ever comes from an SDK. */
export function readSentRequest({ body }: EndpointCall): GoogleRequest {
  const { isVertex, model, config, prompt } = readFields(body);
  return {
    ...NO_REQUEST,
    isVertex: isVertex === true,
    model: readText(model),
    config: readFields(config),
    prompt: readFields(prompt),
  };
}

/** `models/x`, `publishers/google/models/x`, `projects/…/models/x`: x. */
export function readModelName(value: unknown): string | undefined {
  const name = readText(value);
  return name?.replace(/^(?:.*\/)?models\//, '').replace(/^google\//, '');
}

/** What every call of a Google SDK says. */
export function readGoogleRequest(
  call: EndpointCall,
  kind: { readonly operation: string; readonly isStream?: boolean },
): CallRequest {
  const { isVertex, model, config, prompt } = readSentRequest(call);
  const host = readHost(call.client, isVertex ? PROVIDER.GCP_VERTEX_AI : PROVIDER.GCP_GEMINI);
  const isStream = kind.isStream === true;
  return omitUndefined<CallRequest>({
    operation: kind.operation,
    ...host,
    model: readModelName(model),
    isStream,
    attributes: { ...readSettings(config), [ATTR.REQUEST_STREAM]: isStream ? true : undefined },
    content: call.isContentCaptured === true ? () => renderGoogleRequest(prompt) : undefined,
  });
}

function readSettings(config: Fields): SpanAttributes {
  const choices = readInteger(config.candidateCount);
  return {
    [ATTR.REQUEST_MAX_TOKENS]: readInteger(config.maxOutputTokens),
    [ATTR.REQUEST_TEMPERATURE]: readNumber(config.temperature),
    [ATTR.REQUEST_TOP_P]: readNumber(config.topP),
    [ATTR.REQUEST_TOP_K]: readInteger(config.topK),
    [ATTR.REQUEST_SEED]: readInteger(config.seed),
    [ATTR.REQUEST_FREQUENCY_PENALTY]: readNumber(config.frequencyPenalty),
    [ATTR.REQUEST_PRESENCE_PENALTY]: readNumber(config.presencePenalty),
    [ATTR.REQUEST_STOP_SEQUENCES]: readTexts(config.stopSequences),
    [ATTR.REQUEST_CHOICE_COUNT]: choices === 1 ? undefined : choices,
    [ATTR.REQUEST_REASONING_LEVEL]: readText(readFields(config.thinkingConfig).thinkingLevel)?.toLowerCase(),
    [ATTR.OUTPUT_TYPE]: readOutputType(config),
    [ATTR.EMBEDDINGS_DIMENSION_COUNT]: readInteger(config.outputDimensionality),
  };
}

function readOutputType(config: Fields): string | undefined {
  const modalities = readItems(config.responseModalities);
  if (modalities.includes('IMAGE')) return 'image';
  if (modalities.includes('AUDIO')) return 'speech';
  return config.responseMimeType === 'application/json' ? 'json' : undefined;
}
