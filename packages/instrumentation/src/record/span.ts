import type { Cost, Pricer, Unpriced } from '@costspan/pricing';
import { picoUsdToUsd } from '@costspan/pricing';
import {
  ABORTED_ERROR_TYPE,
  ATTR,
  type BilledUnit,
  billedUnitsAttribute,
  CURRENCY,
  OPERATION,
  RESPONSE_STATUSES,
  toolRequestsAttribute,
} from '@costspan/semconv';
import type { Attribution } from '../attribution/index.js';
import type { Call, CallEnd } from '../call/call.js';
import { readErrorType } from '../call/error.js';
import type { CallRequest, CallResult, Exchange } from '../provider.js';
import { AttributeList } from './attribute-list.js';

/** `{operation} {model}`, the conventions' span name; the operation alone where no model is known. */
export const readSpanName = ({ operation, model }: CallRequest): string =>
  model === undefined ? operation : `${operation} ${model}`;

/** What a sampler may decide on: known when the call starts. */
export function readStartAttributes({ request, attribution }: Call): AttributeList {
  const list = new AttributeList();
  list.add(ATTR.OPERATION_NAME, request.operation);
  list.add(ATTR.PROVIDER_NAME, request.provider);
  list.add(ATTR.REQUEST_MODEL, request.model);
  list.add(ATTR.SERVER_ADDRESS, request.serverAddress);
  list.add(ATTR.SERVER_PORT, request.serverPort);
  addAttribution(list, attribution);
  list.add(ATTR.ENTRY_HOST, attribution.entryHost);
  return list;
}

/** Whom and what a call or a step serves. */
export function addAttribution(list: AttributeList, attribution: Attribution): void {
  list.add(ATTR.FEATURE, attribution.feature);
  list.add(ATTR.TASK_NAME, attribution.taskName);
  list.add(ATTR.TASK_ID, attribution.taskId);
  list.add(ATTR.USER_TIER, attribution.userTier);
  list.add(ATTR.TENANT, attribution.tenant);
  list.add(ATTR.USER_ID, attribution.userId);
  list.add(ATTR.SESSION_ID, attribution.sessionId);
  list.add(ATTR.RELAYED, attribution.isRelayed);
}

/**
 * Adds everything that is known when the call has settled. The SDK of the application drops what comes once a span has as
 * many attributes as it may (`OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT`): what a sum is made of comes first.
 */
export function addEndAttributes(
  list: AttributeList,
  { call, end, cost }: { call: Call; end: CallEnd; cost: Cost | Unpriced | undefined },
): void {
  const { request, result } = call;
  const isReported = request.retrieves === undefined && request.isBilled !== false && !isRefused(call, end);
  if (cost !== undefined) addAmount(list, cost);
  // By which it is known that another layer reports the same call.
  list.add(ATTR.RESPONSE_ID, result.responseId);
  if (isReported) addTokens(list, result);
  list.add(ATTR.ERROR_TYPE, readCallErrorType(call, end));
  list.add(ATTR.RESPONSE_MODEL, result.responseModel);
  if (isReported) addUsageDetail(list, result);
  if (cost !== undefined) addCostDetail(list, cost);
  list.add(ATTR.RESPONSE_FINISH_REASONS, readFinishReasons(call, end));
  list.add(ATTR.RESPONSE_STATUS, readFetchedStatus(call));
  list.add(ATTR.RESPONSE_TIME_TO_FIRST_CHUNK, call.timeToFirstChunkSeconds);
  const attempts = result.attempts ?? call.attempts;
  list.add(ATTR.HTTP_REQUEST_RESEND_COUNT, attempts > 1 ? attempts - 1 : undefined);
  if (call.exchange !== undefined) addServer(list, call.exchange);
  list.fill(result.attributes);
  list.fill(request.attributes);
}

/** Where the call really went, of clients that decide it with the request. */
function addServer(list: AttributeList, { serverAddress, serverPort }: Exchange): void {
  list.add(ATTR.SERVER_ADDRESS, serverAddress);
  list.add(ATTR.SERVER_PORT, serverPort);
}

/** Of a response that is fetched; a status that the conventions do not list is left out. */
function readFetchedStatus({ request: { operation }, result: { status } }: Call): string | undefined {
  const isKnown = status !== undefined && RESPONSE_STATUSES.includes(status);
  return operation === OPERATION.FETCH_RESPONSE && isKnown ? status : undefined;
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

/** What `llm_tokens_total` is made of. */
function addTokens(list: AttributeList, { usage, usageStatus }: CallResult): void {
  list.add(ATTR.USAGE_INPUT_TOKENS, usage?.inputTokens);
  list.add(ATTR.USAGE_OUTPUT_TOKENS, usage?.outputTokens);
  list.add(ATTR.USAGE_CACHE_READ_INPUT_TOKENS, usage?.cacheReadInputTokens);
  list.add(ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS, usage?.cacheWriteInputTokens);
  list.add(ATTR.USAGE_REASONING_OUTPUT_TOKENS, usage?.reasoningOutputTokens);
  list.add(ATTR.USAGE_STATUS, usageStatus);
}

function addUsageDetail(list: AttributeList, { usage }: CallResult): void {
  if (usage === undefined) return;
  list.add(ATTR.USAGE_CACHE_WRITE_1H_INPUT_TOKENS, usage.cacheWriteByTtl?.['1h']);
  list.add(ATTR.USAGE_TEXT_INPUT_TOKENS, usage.input?.text);
  list.add(ATTR.USAGE_IMAGE_INPUT_TOKENS, usage.input?.image);
  list.add(ATTR.USAGE_AUDIO_INPUT_TOKENS, usage.input?.audio);
  list.add(ATTR.USAGE_TEXT_CACHE_READ_INPUT_TOKENS, usage.cacheRead?.text);
  list.add(ATTR.USAGE_IMAGE_CACHE_READ_INPUT_TOKENS, usage.cacheRead?.image);
  list.add(ATTR.USAGE_AUDIO_CACHE_READ_INPUT_TOKENS, usage.cacheRead?.audio);
  list.add(ATTR.USAGE_TEXT_OUTPUT_TOKENS, usage.output?.text);
  list.add(ATTR.USAGE_IMAGE_OUTPUT_TOKENS, usage.output?.image);
  list.add(ATTR.USAGE_AUDIO_OUTPUT_TOKENS, usage.output?.audio);
  for (const tool in usage.toolRequests) list.add(toolRequestsAttribute(tool), usage.toolRequests[tool]);
  list.add(ATTR.USAGE_CONTEXT_INPUT_TOKENS, usage.contextInputTokens);
  list.add(ATTR.USAGE_VIDEO_INPUT_TOKENS, usage.input?.video);
  list.add(ATTR.USAGE_VIDEO_OUTPUT_TOKENS, usage.output?.video);
  const { units } = usage;
  for (const unit in units) list.add(billedUnitsAttribute(unit as BilledUnit), units[unit as BilledUnit]);
  list.add(ATTR.USAGE_UNIT_VARIANT, usage.unitVariant);
}

/** An unknown price sets none of the amounts: never 0. */
function addAmount(list: AttributeList, cost: Cost | Unpriced): void {
  if (cost.status !== 'unpriced') {
    addUsd(list, ATTR.USAGE_COST_AMOUNT, cost.amountPicoUsd);
    list.add(ATTR.USAGE_COST_CURRENCY, CURRENCY);
    list.add(ATTR.USAGE_COST_SOURCE, cost.source);
  }
  list.add(ATTR.COST_STATUS, cost.status);
  list.add(ATTR.COST_REASON, cost.reason);
}

function addCostDetail(list: AttributeList, cost: Cost | Unpriced): void {
  if (cost.status === 'unpriced') {
    list.add(ATTR.COST_DETAIL, cost.detail);
    return;
  }
  const { parts } = cost;
  list.add(ATTR.PRICE_MODE, cost.mode);
  addUsd(list, ATTR.CACHE_SAVINGS, cost.cacheSavingsPicoUsd);
  addUsd(list, ATTR.COST_INPUT, parts?.inputPicoUsd);
  addUsd(list, ATTR.COST_CACHE_READ, parts?.cacheReadPicoUsd);
  addUsd(list, ATTR.COST_CACHE_WRITE, parts?.cacheWritePicoUsd);
  addUsd(list, ATTR.COST_OUTPUT, parts?.outputPicoUsd);
  addUsd(list, ATTR.COST_TOOLS, parts?.toolsPicoUsd);
  addUsd(list, ATTR.COST_LIST, cost.listAmountPicoUsd);
  addUsd(list, ATTR.COST_LOCAL, cost.localAmountPicoUsd);
  list.add(ATTR.PRICE_VERSION, cost.priceVersion);
}

function addUsd(list: AttributeList, name: string, picoUsd: number | undefined): void {
  if (picoUsd !== undefined) list.add(name, picoUsdToUsd(picoUsd));
}

/** The provider refused the call or was not reached: there is no response whose usage could be missing. */
const isRefused = ({ result, timeToFirstChunkSeconds }: Call, { kind }: CallEnd): boolean =>
  kind === 'error' &&
  result.usage === undefined &&
  result.responseId === undefined &&
  timeToFirstChunkSeconds === undefined;

/** Prices one settled call; `undefined` where there is nothing that could be billed, or that must not be reported. */
export function priceCall(call: Call, end: CallEnd, pricer: Pricer): Cost | Unpriced | undefined {
  const { request, result, startMs } = call;
  if (request.isBilled === false || request.retrieves !== undefined || isRefused(call, end)) return undefined;
  const { mode, unpriced } = result;
  const usage = result.billedUsage ?? result.usage;
  const region = result.region ?? call.exchange?.region ?? request.region;
  if (usage === undefined) return { status: 'unpriced', reason: unpriced?.reason ?? 'no_usage' };
  // Some price lists have an output rate for embeddings too: there is none that could be missing.
  const billed = request.operation === OPERATION.EMBEDDINGS ? { ...usage, outputTokens: 0 } : usage;
  const query = {
    provider: request.provider,
    model: result.pricedModel ?? result.responseModel ?? request.model ?? '',
    atMs: startMs,
    ...(mode === undefined ? {} : { mode }),
    ...(region === undefined ? {} : { region }),
  };
  const cost = pricer.price(billed, query);
  if (cost.status !== 'priced') return cost;
  const reason = result.usageStatus === 'partial' ? 'usage_partial' : result.estimatedReason;
  return reason === undefined ? cost : { ...cost, status: 'estimated', reason };
}
