import {
  ABORT_ERROR_TYPES,
  ATTR,
  type CallStatus,
  INFERENCE_OPERATIONS,
  INSTRUMENTATION_SCOPE,
  NON_INFERENCE_OPERATIONS,
  OUTCOME_SOURCES,
  OUTCOMES,
  type OutcomeSource,
  RUN_EMITTERS,
  UNATTRIBUTED_FEATURE,
} from '@costspan/semconv';
import { type CallRecord, type EvidenceRecord, SESSION, type TaskRecord } from '../records.js';
import { boundLabel, cutText, readNumber, readText } from './attribute.js';
import { readCost } from './call-cost.js';
import { readCallEvidence, readErrorType, readOtherEvidence, readTaskEvidence } from './evidence.js';
import { readAskedAt, readSentTo } from './hosts.js';
import type { ReadOptions } from './read-options.js';
import { readSampleCount, scaleTokens } from './sampling.js';
import type { SpanView } from './span.js';
import { isTaskId } from './task-id.js';
import { boundTokens, readTokens } from './usage.js';

const DEFAULT_LABEL_CHARS = 200;
/** More is no measurement, a time in other units for one, and would be all that a sum is made of ever after. */
const MAX_SECONDS_TO_FIRST_CHUNK = 86_400;
const MAX_RETRIES = 10_000;
/** No name that has a price is longer; those of Bedrock's profiles have a few hundred. */
const MAX_PRICED_CHARS = 2_048;
const MAX_DIGEST_CHARS = 128;
const MAX_RESPONSE_ID_CHARS = 128;

/**
 * The call that a span reports; undefined when it reports none, as agents, tools and token counting do. All keys in one
 * object, in the order in which whatever makes one has them: so it is of one kind for V8, and made in one piece.
 */
export function readCallRecord(span: SpanView, options: ReadOptions): CallRecord | undefined {
  const { attributes, parentSpanId, scopeName } = span;
  if (!isCall(attributes) || isToldByCaller(span)) return undefined;
  const status = readStatus(span);
  const modelName =
    readText(attributes[ATTR.RESPONSE_MODEL]) ?? readText(attributes[ATTR.REQUEST_MODEL]) ?? '';
  const providerName = readText(attributes[ATTR.PROVIDER_NAME]) ?? '';
  const count = readSampleCount(span);
  // A label that is cut names another model, or none.
  const model = cutText(modelName, MAX_PRICED_CHARS);
  const provider = cutText(providerName, MAX_PRICED_CHARS);
  const cost = readCost({ span, provider, model, status, count }, options);
  const task = readTask(attributes, options);
  const origin = readOrigin(span, options);
  const isOpen = attributes[ATTR.RELAYED] === true || origin.feature === readDefaultFeature(options);
  const seeksTask = task === undefined && mayBelong(span, options);
  // What tells one report of a call from another; only where spans are seen in their traces.
  const responseId = parentSpanId === undefined ? undefined : readAnswerId(scopeName, attributes);
  const hasHosts = responseId !== undefined && scopeName === INSTRUMENTATION_SCOPE;
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    service: origin.service,
    environment: origin.environment,
    feature: origin.feature,
    userTier: origin.userTier,
    tenant: readLabel(attributes[ATTR.TENANT], options),
    provider: readLabel(providerName, options),
    model: readLabel(modelName, options),
    operation: readLabel(attributes[ATTR.OPERATION_NAME], options),
    mode: cost.mode,
    status,
    endMs: span.endMs,
    durationSeconds: Math.max(0, (span.endMs - span.startMs) / 1000),
    retries: Math.floor(readNumber(attributes[ATTR.HTTP_REQUEST_RESEND_COUNT], MAX_RETRIES) ?? 0),
    parentSpanId,
    emitter: parentSpanId === undefined ? undefined : boundLabel(scopeName, DEFAULT_LABEL_CHARS),
    responseId,
    seeksFeature: isOpen && hasAround(span) ? true : undefined,
    seeksTask: seeksTask ? true : undefined,
    task,
    timeToFirstChunkSeconds: readNumber(
      attributes[ATTR.RESPONSE_TIME_TO_FIRST_CHUNK],
      MAX_SECONDS_TO_FIRST_CHUNK,
    ),
    tokens: boundTokens(scaleTokens(readTokens(attributes), count), options.onTokensCut),
    sampleCount: count === 1 ? undefined : count,
    requestDigest: readDigest(attributes),
    evidence: task !== undefined || seeksTask ? readEvidence(span, options) : undefined,
    costPicoUsd: cost.costPicoUsd,
    costSource: cost.costSource,
    cacheSavingsPicoUsd: cost.cacheSavingsPicoUsd,
    listCostPicoUsd: cost.listCostPicoUsd,
    localCostPicoUsd: cost.localCostPicoUsd,
    unpricedReason: cost.unpricedReason,
    estimatedReason: cost.estimatedReason,
    sentTo: hasHosts ? readSentTo(attributes) : undefined,
    askedAt: hasHosts ? readAskedAt(attributes) : undefined,
  };
}

const readEvidence = (span: SpanView, { judge }: ReadOptions) => judge && readCallEvidence(span, judge);

function readDigest(attributes: SpanView['attributes']): string | undefined {
  const digest = readText(attributes[ATTR.REQUEST_DIGEST]);
  return digest === undefined ? undefined : cutText(digest, MAX_DIGEST_CHARS);
}

/**
 * The task whose end a span is; undefined when it is none. That is a span of costspan's own `task …`, one that states
 * an outcome (`task outcome`, told later, knows the task by its id alone), or the server or consumer span that carries
 * a task id.
 */
export function readTaskRecord(span: SpanView, options: ReadOptions): TaskRecord | undefined {
  const { attributes } = span;
  const id = attributes[ATTR.TASK_ID];
  if (!isTaskId(id) || isCall(attributes)) return undefined;
  const stated = OUTCOMES.find((outcome) => outcome === attributes[ATTR.TASK_OUTCOME]);
  const isEntry = span.kind === 'server' || span.kind === 'consumer';
  if (stated === undefined && !isEntry && span.name !== `task ${readText(attributes[ATTR.TASK_NAME]) ?? ''}`)
    return undefined;
  const parentId = attributes[ATTR.TASK_PARENT_ID];
  const origin = readOrigin(span, options);
  const decided =
    stated === undefined ? decide(span, options) : { outcome: stated, source: readSource(attributes) };
  return {
    id,
    name: readLabel(attributes[ATTR.TASK_NAME], options),
    service: origin.service,
    environment: origin.environment,
    feature: origin.feature,
    userTier: origin.userTier,
    startMs: span.startMs,
    endMs: span.endMs,
    parentId: isTaskId(parentId) ? parentId : undefined,
    sessionId: readText(attributes[ATTR.SESSION_ID]),
    evidence: options.judge && readTaskEvidence(span, options.judge),
    outcome: decided?.outcome,
    outcomeSource: decided?.source,
  };
}

const readSource = (attributes: SpanView['attributes']): OutcomeSource =>
  OUTCOME_SOURCES.find((source) => source === attributes[ATTR.TASK_OUTCOME_SOURCE]) ?? 'api';

const decide = (span: SpanView, options: ReadOptions) =>
  options.decideOutcome?.({
    'http.status_code': readNumber(span.attributes[ATTR.HTTP_RESPONSE_STATUS_CODE]),
    'error.type': readErrorType(span),
  });

/**
 * What a span that is neither a call nor the end of a task shows of one: of the task that it names, else of the one
 * that is found around it. Undefined when that is nothing.
 */
export function readEvidenceRecord(span: SpanView, options: ReadOptions): EvidenceRecord | undefined {
  const { traceId, spanId, attributes } = span;
  const taskId = attributes[ATTR.TASK_ID];
  const isNamed = isTaskId(taskId);
  if (options.judge === undefined || !(isNamed || mayBelong(span, options))) return undefined;
  const bits = readOtherEvidence(span, options.judge);
  if (bits === 0n) return undefined;
  return isNamed ? { taskId, bits } : { traceId, spanId, bits };
}

/** Where spans are not seen in their traces, a gateway's part of a call is left to the service that has sent it. */
const isToldByCaller = ({ attributes, parentSpanId }: SpanView): boolean =>
  attributes[ATTR.RELAYED] === true && parentSpanId === undefined;

/** A listed operation is known; another one of somebody's own is a call when it says what it used or cost. */
export function isCall(attributes: SpanView['attributes']): boolean {
  const operation = readText(attributes[ATTR.OPERATION_NAME]);
  if (operation === undefined || NON_INFERENCE_OPERATIONS.includes(operation)) return false;
  if (attributes[ATTR.SUPERSEDED] === true) return false;
  if (INFERENCE_OPERATIONS.includes(operation)) return true;
  return SIGNS_OF_A_CALL.some((name) => attributes[name] !== undefined);
}
const SIGNS_OF_A_CALL = [
  ATTR.COST_STATUS,
  ATTR.USAGE_COST_AMOUNT,
  ATTR.USAGE_INPUT_TOKENS,
  ATTR.USAGE_OUTPUT_TOKENS,
];

/** A value of an attribute as that of a label; empty when it is none. */
export const readLabel = (value: unknown, options: ReadOptions): string =>
  boundLabel(readText(value) ?? '', options.labelChars ?? DEFAULT_LABEL_CHARS, options.onLabelCut);

export function readOrigin(span: SpanView, options: ReadOptions) {
  const { attributes, resource } = span;
  return {
    service: readLabel(resource[ATTR.SERVICE_NAME], options),
    environment: readLabel(resource[ATTR.DEPLOYMENT_ENVIRONMENT_NAME], options),
    feature: readFeature(span, options),
    userTier: readLabel(attributes[ATTR.USER_TIER], options),
  };
}

const readFeature = (span: SpanView, options: ReadOptions): string =>
  readNamedFeature(span, options) || readDefaultFeature(options);

const readDefaultFeature = ({ defaultFeature = UNATTRIBUTED_FEATURE }: ReadOptions): string => defaultFeature;

/** The feature that a span names for itself and those below it; empty where it names none, or the one of calls without any. */
export const readStatedFeature = (span: SpanView, options: ReadOptions): string =>
  // What a gateway says of a part of another service's call holds only where that one is not heard of.
  span.attributes[ATTR.RELAYED] === true ? '' : readNamedFeature(span, options);

function readNamedFeature({ attributes }: SpanView, options: ReadOptions): string {
  let feature = readLabel(attributes[ATTR.FEATURE], options);
  for (const source of options.featureSources ?? []) feature ||= readLabel(attributes[source], options);
  return feature === readDefaultFeature(options) ? '' : feature;
}

/** Whether spans around it may know more; above a root there is nothing. */
const hasAround = (span: SpanView): boolean => (span.parentSpanId ?? '') !== '' && !knowsItself(span);

/** Costspan's own spans know all that there is to know, but for a gateway's part of what another service has asked. */
const knowsItself = ({ scopeName, attributes }: SpanView): boolean =>
  scopeName === INSTRUMENTATION_SCOPE && attributes[ATTR.RELAYED] !== true;

/** Of a run that several requests make up nobody has one answer: there it is the session that reports have in common. */
function readAnswerId(scopeName: string, attributes: SpanView['attributes']): string | undefined {
  const responseId = readText(attributes[ATTR.RESPONSE_ID]);
  const session = readText(attributes[ATTR.CONVERSATION_ID]);
  const isOwn = scopeName === INSTRUMENTATION_SCOPE;
  const isRun = session !== undefined && (isOwn ? responseId === undefined : RUN_EMITTERS.test(scopeName));
  const id = isRun ? `${SESSION}${session}` : responseId;
  return id === undefined ? undefined : cutText(id, MAX_RESPONSE_ID_CHARS);
}

/** Costspan's own spans name their task where there is one; those of others may stand below it. */
const mayBelong = (span: SpanView, { taskSources = [] }: ReadOptions): boolean =>
  span.parentSpanId !== undefined && taskSources.length > 0 && !knowsItself(span);

function readTask(attributes: SpanView['attributes'], options: ReadOptions) {
  const id = attributes[ATTR.TASK_ID];
  return !isTaskId(id) ? undefined : { id, name: readLabel(attributes[ATTR.TASK_NAME], options) };
}

function readStatus(span: SpanView): CallStatus {
  const errorType = readErrorType(span);
  if (errorType === undefined) return 'ok';
  return ABORT_ERROR_TYPES.includes(errorType) ? 'aborted' : 'error';
}
