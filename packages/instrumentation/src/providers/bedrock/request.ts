import { ATTR, PROVIDER } from '@costspan/semconv';
import type {
  CallRequest,
  CallResult,
  EndpointCall,
  MethodEndpoint,
  SpanAttributes,
} from '../../provider.js';
import {
  type Fields,
  omitUndefined,
  readFields,
  readInteger,
  readNumber,
  readText,
  readTexts,
} from '../fields.js';

/** What all commands share: they go through `send`, and a Node callback may take the place of its promise. */
export const SENT = {
  className: 'BedrockRuntimeClient',
  method: 'send',
  hasCallback: true,
} as const;

/** Reads the input of one kind of command; older builds have an underscore before its name. */
export const readCommand =
  (name: string): MethodEndpoint['readSent'] =>
  ([command]) => {
    if (typeof command !== 'object' || command === null) return undefined;
    const sent = command as { readonly constructor: { readonly name: string }; readonly input?: unknown };
    return sent.constructor.name.replace(/^_/, '') === name ? { path: name, body: sent.input } : undefined;
  };

/** What every command says: the model may be an id, a profile, or the ARN of nearly anything. */
export function readBedrockRequest(
  call: EndpointCall,
  kind: {
    readonly operation: string;
    readonly isStream?: boolean;
    readonly attributes?: SpanAttributes;
    readonly content?: (() => SpanAttributes) | undefined;
  },
): CallRequest {
  const isStream = kind.isStream === true;
  return omitUndefined<CallRequest>({
    operation: kind.operation,
    provider: PROVIDER.AWS_BEDROCK,
    model: readText(readFields(call.body).modelId),
    isStream,
    serverAddress: undefined,
    serverPort: undefined,
    attributes: { ...kind.attributes, [ATTR.REQUEST_STREAM]: isStream ? true : undefined },
    content: call.isContentCaptured === true ? kind.content : undefined,
  });
}

/** Settings as Converse has them, in `inferenceConfig`. */
export const readInferenceConfig = (config: Fields): SpanAttributes => ({
  [ATTR.REQUEST_MAX_TOKENS]: readInteger(config.maxTokens),
  [ATTR.REQUEST_TEMPERATURE]: readNumber(config.temperature),
  [ATTR.REQUEST_TOP_P]: readNumber(config.topP),
  [ATTR.REQUEST_STOP_SEQUENCES]: readTexts(config.stopSequences),
});

type Rate = Pick<CallResult, 'mode' | 'estimatedReason'>;

const TIER_MODES: Readonly<Record<string, NonNullable<CallResult['mode']>>> = {
  default: 'standard',
  flex: 'flex',
  priority: 'priority',
  reserved: 'provisioned',
};

/** The tier that served the call, and the dearer latency that no price list states per token. */
export function readRate(tier: unknown, latency: unknown): Rate {
  const name = readText(tier);
  const mode = name === undefined ? undefined : TIER_MODES[name];
  const isUnknown = name !== undefined && mode === undefined;
  return omitUndefined<Rate>({
    mode,
    estimatedReason: isUnknown ? 'unknown_tier' : latency === 'optimized' ? 'optimized_latency' : undefined,
  });
}
