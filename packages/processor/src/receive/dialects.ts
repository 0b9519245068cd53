import type { SpanView } from '@costspan/aggregate';
import {
  ATTR,
  DIALECT_ATTR,
  INSTRUMENTATION_SCOPE,
  NON_INFERENCE_OPERATIONS,
  OPERATION,
  PRICE_MODES,
  PROVIDER,
  SAME_AS,
} from '@costspan/semconv';
import { readAiSdk } from './ai-sdk.js';
import { readGenkit } from './genkit.js';
import { readLangfuse } from './langfuse.js';
import { readProvider } from './provider-name.js';
import { readProviderUsage } from './provider-usage.js';
import { readCount, readField, readJson, type Translation } from './translation.js';

/** One way of writing calls; the table of names in semconv is common to all. */
interface Dialect {
  /** What spans of it have, where that tells it. */
  readonly attribute?: string;
  /** What the names of its instrumentations are like, where these tell it. */
  readonly scope?: RegExp;
  /** Says what the names alone do not: which operation it is, what a total holds. */
  readonly read: (translation: Translation, span: SpanView) => void;
  /** When it began, where the span does not say that. Milliseconds since the epoch. */
  readonly readStart?: (span: SpanView) => number;
}

/**
 * Who passes on input as it is, without what was cached: of Anthropic's, OpenLLMetry (0.27) and OpenLIT (1.15) for
 * JavaScript and OpenLIT (1.45) for Python; of Bedrock's, OpenLLMetry (0.62), OpenTelemetry's
 * genai (1.3) and botocore (0.66) for Python.
 */
const INPUT_AS_IT_IS =
  /^(@(traceloop|openlit)\/instrumentation-|openlit\.instrumentation\.)anthropic$|^opentelemetry\.instrumentation\.((genai\.)?bedrock|botocore\.bedrock-runtime)$/;

/** In this order; a span that speaks none of them is taken as the conventions say. */
const DIALECTS: readonly Dialect[] = [
  { attribute: DIALECT_ATTR.AI_OPERATION_ID, read: readAiSdk },
  { attribute: DIALECT_ATTR.OPENINFERENCE_KIND, read: readOpenInference },
  { attribute: DIALECT_ATTR.LANGFUSE_TYPE, read: readLangfuse },
  { attribute: DIALECT_ATTR.GENKIT_SUBTYPE, read: readGenkit },
  { scope: /^litellm/, read: readLiteLlm },
  // Inside an application it writes its calls onto the span around them, unless it is told otherwise.
  { attribute: DIALECT_ATTR.LITELLM_CALL_ID, read: readLiteLlm },
  { scope: /^logfire\b/, read: readLogfire, readStart: readLogfireStart },
  { attribute: DIALECT_ATTR.TRACELOOP_KIND, read: readByKind(DIALECT_ATTR.TRACELOOP_KIND) },
  { attribute: DIALECT_ATTR.LLM_REQUEST_TYPE, read: readOldOpenLlmetry },
  { scope: /^@?openlit\b/, read: readOpenLit },
  { scope: INPUT_AS_IT_IS, read: addCached },
  { scope: /^gcp\.vertex\.agent$/, read: readAdk },
  { scope: /^org\.springframework\.boot$/, read: readSpring },
];

/** Words for operations of OpenInference, OpenLLMetry and LiteLLM, in lower case. All others are no call. */
const OPERATION_OF_KIND: Readonly<Record<string, string>> = {
  llm: OPERATION.CHAT,
  chat: OPERATION.CHAT,
  generation: OPERATION.CHAT,
  completion: OPERATION.TEXT_COMPLETION,
  embedding: OPERATION.EMBEDDINGS,
  agent: OPERATION.INVOKE_AGENT,
  workflow: OPERATION.INVOKE_WORKFLOW,
  tool: OPERATION.EXECUTE_TOOL,
};

/** What spans have by which a dialect is told. */
const MARKS = new Set(DIALECTS.map(({ attribute }) => attribute));

/** Place of each foreign name in the table, and what it is the same as. */
const KNOWN = new Map(Object.entries(SAME_AS).map(([name, target], rank) => [name, { target, rank }]));

/** Whether some emitters alone write this name: a span without any says all in the conventions' own. */
export const isForeign = (name: string): boolean => KNOWN.has(name) || MARKS.has(name);

/**
 * A span of any emitter as the newest conventions would write it; what it says itself in their names stays. `foreign`: all
 * names among its attributes that {@link isForeign} tells, and maybe others.
 */
export function translateSpan(
  span: SpanView,
  foreign: readonly string[] = Object.keys(span.attributes),
): SpanView {
  if (span.scopeName === INSTRUMENTATION_SCOPE) return span;
  const dialect = findDialect(span, foreign);
  const renamed = renameAttributes(span.attributes, foreign);
  if (dialect === undefined && renamed === undefined && !mayBeCall(span.attributes)) return span;
  const attributes = renamed ?? { ...span.attributes };
  dialect?.read(attributes, span);
  // Spring AI's word.
  if (attributes[ATTR.OPERATION_NAME] === 'embedding') attributes[ATTR.OPERATION_NAME] = OPERATION.EMBEDDINGS;
  if (attributes[ATTR.OPERATION_NAME] === undefined) return { ...span, attributes };
  readProvider(attributes);
  dropZeroUsage(attributes);
  readFinishReasons(attributes);
  readMode(attributes);
  includeCache(attributes);
  return { ...span, startMs: dialect?.readStart?.(span) ?? span.startMs, attributes };
}

/** What more is read is asked for of calls alone; agents and tools that speak the conventions' words are as they are. */
function mayBeCall({ [ATTR.OPERATION_NAME]: operation }: SpanView['attributes']): boolean {
  return operation !== undefined && !NON_INFERENCE_OPERATIONS.includes(String(operation));
}

/** The dialects of the scope that was asked for last: spans of one come together, and to ask its name takes its time. */
let lastScope: string | undefined;
let ofLastScope: readonly Dialect[] = [];
/** Those among them that the scope alone tells. */
let byLastScope: readonly Dialect[] = [];

function findDialect({ scopeName, attributes }: SpanView, foreign: readonly string[]): Dialect | undefined {
  if (scopeName !== lastScope) {
    ofLastScope = DIALECTS.filter(({ scope }) => scope === undefined || scope.test(scopeName));
    byLastScope = ofLastScope.filter(({ attribute }) => attribute === undefined);
    lastScope = scopeName;
  }
  for (const dialect of foreign.length === 0 ? byLastScope : ofLastScope)
    if (dialect.attribute === undefined || attributes[dialect.attribute] !== undefined) return dialect;
  return undefined;
}

/** The attributes with those names that the table knows; undefined where they are all in the conventions' own. */
function renameAttributes(
  attributes: SpanView['attributes'],
  foreign: readonly string[],
): Translation | undefined {
  let renamed: Translation | undefined;
  let ranks: Map<string, number> | undefined;
  for (const name of foreign) {
    const known = KNOWN.get(name);
    if (known === undefined || attributes[known.target] !== undefined) continue;
    ranks ??= new Map();
    if (known.rank > (ranks.get(known.target) ?? Number.POSITIVE_INFINITY)) continue;
    ranks.set(known.target, known.rank);
    renamed ??= { ...attributes };
    renamed[known.target] = attributes[name];
  }
  return renamed;
}

function readByKind(attribute: string): Dialect['read'] {
  return (translation, { attributes }) => {
    const operation = OPERATION_OF_KIND[String(attributes[attribute]).toLowerCase()];
    if (operation !== undefined) translation[ATTR.OPERATION_NAME] ??= operation;
  };
}

/**
 * A call that failed, and streams of old versions, name their model among the parameters of the request alone. What
 * LlamaIndex does before it asks, `OpenAI._prepare_chat_with_tools`, is of the kind of a call, and asks nobody.
 */
function readOpenInference(translation: Translation, span: SpanView): void {
  if (/\._?prepare_\w+$/.test(span.name)) return;
  readByKind(DIALECT_ATTR.OPENINFERENCE_KIND)(translation, span);
  if ((translation[ATTR.RESPONSE_MODEL] ?? translation[ATTR.REQUEST_MODEL]) !== undefined) return;
  const model = readField(readJson(span.attributes[DIALECT_ATTR.INVOCATION_PARAMETERS]), 'model');
  if (typeof model === 'string') translation[ATTR.REQUEST_MODEL] = model;
}

/** Anthropic's messages are called a completion too; the name of the span tells them apart. */
function readOldOpenLlmetry(translation: Translation, span: SpanView): void {
  if (span.name.endsWith('.chat')) translation[ATTR.OPERATION_NAME] ??= OPERATION.CHAT;
  readByKind(DIALECT_ATTR.LLM_REQUEST_TYPE)(translation, span);
}

/** Of a model that it has no price for it says a cost of 0. */
function readOpenLit(translation: Translation, span: SpanView): void {
  if (translation[ATTR.USAGE_COST_AMOUNT] === 0) delete translation[ATTR.USAGE_COST_AMOUNT];
  if (INPUT_AS_IT_IS.test(span.scopeName)) addCached(translation);
}

/** Spring AI passes on the input as each provider tells it, and Anthropic's leaves out what was cached. */
function readSpring(translation: Translation): void {
  if (translation[ATTR.PROVIDER_NAME] === PROVIDER.ANTHROPIC) addCached(translation);
}

function addCached(translation: Translation): void {
  const input = readCount(translation[ATTR.USAGE_INPUT_TOKENS]);
  if (input !== undefined) translation[ATTR.USAGE_INPUT_TOKENS] = input + sumCached(translation);
}

/** A gateway's cost is what it was billed, or what it makes of it; an answer out of its cache cost nothing. */
function readLiteLlm(translation: Translation, span: SpanView): void {
  const type = translation[ATTR.OPERATION_NAME] ?? span.attributes[DIALECT_ATTR.LLM_REQUEST_TYPE];
  if (typeof type === 'string') translation[ATTR.OPERATION_NAME] = readLiteLlmOperation(type);
  if (span.attributes[DIALECT_ATTR.LITELLM_CACHE_HIT] === true) translation[ATTR.USAGE_COST_AMOUNT] = 0;
  if (translation[ATTR.USAGE_COST_AMOUNT] !== undefined) translation[ATTR.USAGE_COST_SOURCE] ??= 'provider';
  readProviderUsage(translation, readPythonDict(span.attributes[DIALECT_ATTR.LITELLM_USAGE]));
}

/** A dict as Python prints it; in those that hold counts no text has quotes of its own. */
const readPythonDict = (value: unknown): unknown =>
  typeof value === 'string'
    ? readJson(value.replaceAll("'", '"').replaceAll(/: (None|True|False)\b/g, ': null'))
    : undefined;

/** It names its own function, of which there is one for asynchronous code beside each. */
function readLiteLlmOperation(type: string): string {
  if (type.includes('embedding')) return OPERATION.EMBEDDINGS;
  if (type.includes('text_completion')) return OPERATION.TEXT_COMPLETION;
  return /^a?(completion|responses)$|^anthropic_messages$|^acreate$/.test(type) ? OPERATION.CHAT : type;
}

/** What a stream used comes in a second span, written when it has ended: the first one then is no call of its own. */
function readLogfire(translation: Translation, span: SpanView): void {
  const isAnswered = [ATTR.RESPONSE_ID, ATTR.USAGE_INPUT_TOKENS].some(
    (name) => translation[name] !== undefined,
  );
  if (!isAnswered && !span.hasErrorStatus) delete translation[ATTR.OPERATION_NAME];
  readProviderUsage(translation, readJson(span.attributes[DIALECT_ATTR.LOGFIRE_USAGE]));
}

/** The second span of a stream is a moment at its end, and says how long it took. */
function readLogfireStart({ startMs, endMs, attributes }: SpanView): number {
  const seconds = readCount(attributes[DIALECT_ATTR.LOGFIRE_DURATION]);
  return startMs === endMs && seconds !== undefined ? Math.max(0, endMs - seconds * 1000) : startMs;
}

/**
 * Google's ADK has for Java a word of its own for a call. It adds the thoughts to the output, as is right for Gemini. The
 * models that it asks through LiteLLM, which have a provider before their name, have told them in it.
 */
function readAdk(translation: Translation): void {
  if (translation[ATTR.OPERATION_NAME] === 'call_llm')
    translation[ATTR.OPERATION_NAME] = OPERATION.GENERATE_CONTENT;
  const output = readCount(translation[ATTR.USAGE_OUTPUT_TOKENS]);
  const reasoning = readCount(translation[ATTR.USAGE_REASONING_OUTPUT_TOKENS]);
  if (output === undefined || reasoning === undefined || output < reasoning) return;
  const model = String(translation[ATTR.REQUEST_MODEL]);
  if (LITELLM_MODEL.test(model)) translation[ATTR.USAGE_OUTPUT_TOKENS] = output - reasoning;
}
/** Paths of Google's own models begin with one of those words. */
const LITELLM_MODEL = /^(?!projects\/|publishers\/|models\/)[\w-]+\//;

/** Some write a list as its JSON, some the only reason there is. */
function readFinishReasons(translation: Translation): void {
  const reasons = translation[ATTR.RESPONSE_FINISH_REASONS];
  if (typeof reasons !== 'string') return;
  const list = reasons.startsWith('[') ? readJson(reasons) : undefined;
  translation[ATTR.RESPONSE_FINISH_REASONS] = Array.isArray(list) ? list : [reasons];
}

/** The tier that served the call, in the provider's word. */
function readMode(translation: Translation): void {
  const tier =
    translation[ATTR.OPENAI_RESPONSE_SERVICE_TIER] ?? translation[DIALECT_ATTR.ANTHROPIC_SERVICE_TIER];
  const mode = PRICE_MODES.find((known) => known === tier);
  if (mode !== undefined) translation[ATTR.PRICE_MODE] ??= mode;
}

const USAGE_COUNTS = [
  ATTR.USAGE_INPUT_TOKENS,
  ATTR.USAGE_OUTPUT_TOKENS,
  ATTR.USAGE_CACHE_READ_INPUT_TOKENS,
  ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS,
  ATTR.USAGE_REASONING_OUTPUT_TOKENS,
];

/** No call uses nothing: an emitter that says so has not seen the usage, which is then unknown and not 0. */
function dropZeroUsage(translation: Translation): void {
  const isZero = (name: string): boolean => Number(translation[name] ?? 0) === 0;
  if (!USAGE_COUNTS.every(isZero)) return;
  for (const name of USAGE_COUNTS) delete translation[name];
}

/** Input that is less than the cached part of it leaves that out, whoever wrote it: the conventions' total holds it. */
function includeCache(translation: Translation): void {
  const input = readCount(translation[ATTR.USAGE_INPUT_TOKENS]);
  const cached = sumCached(translation);
  if (input !== undefined && input < cached) translation[ATTR.USAGE_INPUT_TOKENS] = input + cached;
}

const sumCached = (translation: Translation): number =>
  (readCount(translation[ATTR.USAGE_CACHE_READ_INPUT_TOKENS]) ?? 0) +
  (readCount(translation[ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS]) ?? 0);
