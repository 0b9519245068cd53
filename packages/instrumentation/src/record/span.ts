import type { Cost, Pricer, Unpriced } from '@costspan/pricing';
import { picoUsdToUsd } from '@costspan/pricing';
import { ABORTED_ERROR_TYPE, ATTR, CURRENCY, toolRequestsAttribute } from '@costspan/semconv';
import type { Attribution } from '../attribution/index.js';
import type { Call, CallEnd } from '../call/call.js';
import { readErrorType } from '../call/error.js';
import type { CallRequest, CallResult, SpanAttributes } from '../provider.js';

/** `{operation} {model}`, the conventions' span name; the operation alone where no model is known. */
export const readSpanName = ({ operation, model }: CallRequest): string =>
  model === undefined ? operation : `${operation} ${model}`;

/** What a sampler may decide on: known when the call starts. */
export function readStartAttributes({ request, attribution }: Call): SpanAttributes {
  return {
    [ATTR.OPERATION_NAME]: request.operation,
    [ATTR.PROVIDER_NAME]: request.provider,
    [ATTR.REQUEST_MODEL]: request.model,
    [ATTR.SERVER_ADDRESS]: request.serverAddress,
    [ATTR.SERVER_PORT]: request.serverPort,
    ...readAttribution(attribution),
  };
}

export const readAttribution = (attribution: Attribution): SpanAttributes => ({
  [ATTR.FEATURE]: attribution.feature,
  [ATTR.TASK_NAME]: attribution.taskName,
  [ATTR.TASK_ID]: attribution.taskId,
  [ATTR.USER_TIER]: attribution.userTier,
  [ATTR.TENANT]: attribution.tenant,
  [ATTR.USER_ID]: attribution.userId,
  [ATTR.SESSION_ID]: attribution.sessionId,
});

/** Everything that is known when the call has settled. */
export function readEndAttributes(
  call: Call,
  end: CallEnd,
  cost: Cost | Unpriced | undefined,
): SpanAttributes {
  const { request, result } = call;
  const isRetrieval = request.retrieves !== undefined;
  return {
    ...request.attributes,
    ...result.attributes,
    [ATTR.RESPONSE_ID]: result.responseId,
    [ATTR.RESPONSE_MODEL]: result.responseModel,
    [ATTR.RESPONSE_FINISH_REASONS]: readFinishReasons(call, end),
    [ATTR.RESPONSE_TIME_TO_FIRST_CHUNK]: call.timeToFirstChunkSeconds,
    [ATTR.HTTP_REQUEST_RESEND_COUNT]: call.attempts > 1 ? call.attempts - 1 : undefined,
    [ATTR.ERROR_TYPE]: readCallErrorType(call, end),
    ...(isRetrieval ? {} : readUsage(call, end)),
    ...(cost === undefined ? {} : readCost(cost)),
  };
}

/** `error` stands where a reason was expected and has not come, e.g. after an abort. */
function readFinishReasons({ result, request }: Call, end: CallEnd): string[] | undefined {
  const reasons = result.finishReasons;
  if (reasons === undefined || reasons.length === 0) {
    return end.kind !== 'ok' && request.isStream && result.responseId !== undefined ? ['error'] : undefined;
  }
  return reasons.map((reason) => reason ?? 'error');
}

function readCallErrorType({ result }: Call, { kind, error }: CallEnd): string | undefined {
  if (kind === 'aborted') return ABORTED_ERROR_TYPE;
  if (kind === 'error') return readErrorType(error);
  return result.errorType;
}

function readUsage({ result, request }: Call, end: CallEnd): SpanAttributes {
  if (request.isBilled === false || isRefused(result, end)) return {};
  const { usage } = result;
  if (usage === undefined) return { [ATTR.USAGE_STATUS]: result.usageStatus };
  const attributes: SpanAttributes = {
    [ATTR.USAGE_STATUS]: result.usageStatus,
    [ATTR.USAGE_INPUT_TOKENS]: usage.inputTokens,
    [ATTR.USAGE_OUTPUT_TOKENS]: usage.outputTokens,
    [ATTR.USAGE_CACHE_READ_INPUT_TOKENS]: usage.cacheReadInputTokens,
    [ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS]: usage.cacheWriteInputTokens,
    [ATTR.USAGE_CACHE_WRITE_1H_INPUT_TOKENS]: usage.cacheWriteByTtl?.['1h'],
    [ATTR.USAGE_REASONING_OUTPUT_TOKENS]: usage.reasoningOutputTokens,
    [ATTR.USAGE_TEXT_INPUT_TOKENS]: usage.input?.text,
    [ATTR.USAGE_IMAGE_INPUT_TOKENS]: usage.input?.image,
    [ATTR.USAGE_AUDIO_INPUT_TOKENS]: usage.input?.audio,
    [ATTR.USAGE_TEXT_OUTPUT_TOKENS]: usage.output?.text,
    [ATTR.USAGE_IMAGE_OUTPUT_TOKENS]: usage.output?.image,
    [ATTR.USAGE_AUDIO_OUTPUT_TOKENS]: usage.output?.audio,
  };
  for (const [tool, count] of Object.entries(usage.toolRequests ?? {}))
    attributes[toolRequestsAttribute(tool)] = count;
  return attributes;
}

/** An unknown price sets none of the amounts: never 0. */
function readCost(cost: Cost | Unpriced): SpanAttributes {
  if (cost.status === 'unpriced') {
    return { [ATTR.COST_STATUS]: 'unpriced', [ATTR.COST_REASON]: cost.reason };
  }
  const { parts } = cost;
  const usd = (picoUsd: number | undefined): number | undefined =>
    picoUsd === undefined ? undefined : picoUsdToUsd(picoUsd);
  return {
    [ATTR.USAGE_COST_AMOUNT]: picoUsdToUsd(cost.amountPicoUsd),
    [ATTR.USAGE_COST_CURRENCY]: CURRENCY,
    [ATTR.USAGE_COST_SOURCE]: cost.source,
    [ATTR.COST_STATUS]: cost.status,
    [ATTR.COST_REASON]: cost.reason,
    [ATTR.COST_INPUT]: usd(parts?.inputPicoUsd),
    [ATTR.COST_CACHE_READ]: usd(parts?.cacheReadPicoUsd),
    [ATTR.COST_CACHE_WRITE]: usd(parts?.cacheWritePicoUsd),
    [ATTR.COST_OUTPUT]: usd(parts?.outputPicoUsd),
    [ATTR.COST_TOOLS]: usd(parts?.toolsPicoUsd),
    [ATTR.CACHE_SAVINGS]: usd(cost.cacheSavingsPicoUsd),
    [ATTR.PRICE_VERSION]: cost.priceVersion,
    [ATTR.PRICE_MODE]: cost.mode,
  };
}

/** The provider refused the call or was not reached: there is no response whose usage could be missing. */
const isRefused = ({ usage, responseId }: CallResult, { kind }: CallEnd): boolean =>
  kind === 'error' && usage === undefined && responseId === undefined;

/** Prices one settled call; `undefined` where there is nothing that could be billed, or that must not be reported. */
export function priceCall(call: Call, end: CallEnd, pricer: Pricer): Cost | Unpriced | undefined {
  const { request, result, startMs } = call;
  if (request.isBilled === false || request.retrieves !== undefined || isRefused(result, end))
    return undefined;
  const { usage, mode } = result;
  const region = result.region ?? request.region;
  if (usage === undefined) return { status: 'unpriced', reason: 'no_usage' };
  const query = {
    provider: request.provider,
    model: result.responseModel ?? request.model ?? '',
    atMs: startMs,
    ...(mode === undefined ? {} : { mode }),
    ...(region === undefined ? {} : { region }),
  };
  const cost = pricer.price(usage, query);
  if (cost.status !== 'priced') return cost;
  const reason = result.usageStatus === 'partial' ? 'usage_partial' : result.estimatedReason;
  return reason === undefined ? cost : { ...cost, status: 'estimated', reason };
}
