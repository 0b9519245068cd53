/** What the spans of each scenario must say, and what a span does say, both as plain objects to be compared whole. */
import {
  type BilledReply,
  isObject,
  type JsonObject,
  readArray,
  readObject,
  readString,
  type SinkSpan,
} from '@costspan/testkit';
import { type Counts, priceCounts, readCounts } from './bill.ts';
import type { Family, Sdk } from './matrix.ts';
import { BATCH_ANSWERS } from './other-replies.ts';
import { MODELS } from './replies.ts';

/** How much of the usage can be known: all, the input of a message stream that was cut, nothing, or nothing was billed. */
type Known = 'whole' | 'input' | 'none' | 'unanswered' | 'free';

/** How one call of a scenario ends, as far as it differs from a plain success. */
interface Plan {
  readonly outcome?: 'ok' | 'aborted' | 'error';
  /** `thrown`: the status or class of what the application caught; `any`: the application sees a wrapper. */
  readonly errorType?: 'thrown' | 'any' | (string & {});
  readonly known?: Known;
  /** Finish reasons; `undefined` where the response said none. */
  readonly finish?: readonly string[] | undefined;
  readonly resends?: number;
  /** Position of the answer among those of the scenario; 0 where no response id is known. */
  readonly answer?: number;
  readonly hasFirstChunk?: boolean;
  /** Divides the list price. */
  readonly discount?: bigint;
  readonly operation?: string;
  /** An answer that came with others in one reply. */
  readonly billed?: { readonly id: string; readonly usage: JsonObject };
}

/** What is compared of a span. */
export interface SpanSummary {
  readonly name: string;
  readonly provider: string;
  readonly status: string;
  readonly errorType: string | undefined;
  readonly isStream: boolean;
  readonly hasFirstChunk: boolean;
  readonly finish: readonly string[] | undefined;
  readonly resends: number | undefined;
  readonly responseId: string | undefined;
  readonly usageStatus: string | undefined;
  readonly counts: Counts | undefined;
  readonly costUsd: number | undefined;
  readonly costSource: string | undefined;
  readonly costStatus: string | undefined;
}

/** One scenario of one run. */
export interface Played {
  readonly sdk: Sdk;
  readonly endpoint: string;
  readonly scenario: string;
  /** The transcript's line. */
  readonly line: string;
  readonly log: readonly BilledReply[];
}

const NOTHING: Plan = { known: 'none', finish: undefined, answer: 0, hasFirstChunk: false };
/** The provider refused, or was not reached. */
const refused = (errorType: string): Plan => ({
  ...NOTHING,
  known: 'unanswered',
  outcome: 'error',
  errorType,
});
const ABORTED_BEFORE_ANSWER: Plan = { ...NOTHING, outcome: 'aborted' };
/** The application stopped reading in the middle of a stream. */
const brokenOff = (family: Family): Plan => ({
  outcome: 'aborted',
  known: family === 'anthropic' ? 'input' : 'none',
  finish: ['error'],
});
const broken = (family: Family, errorType: string): Plan => ({
  ...brokenOff(family),
  outcome: 'error',
  errorType,
});
const toolLoop = (reason: string): readonly Plan[] => [{ finish: [reason] }, { answer: 2 }];
const FETCH: Plan = { operation: 'fetch_response', known: 'free' };

type Planner = (played: Played) => readonly Plan[];
const one =
  (plan: Plan): Planner =>
  () => [plan];

const NOT_PLAIN: Readonly<Record<string, Planner>> = {
  'never-awaited': one(ABORTED_BEFORE_ANSWER),
  'as-response-unread': ({ sdk }) => [sdk.hasNodeFetch ? {} : ABORTED_BEFORE_ANSWER],
  // So is its copy.
  'as-response-clone-url': ({ sdk }) => [sdk.hasNodeFetch ? {} : ABORTED_BEFORE_ANSWER],
  // All of a small body comes at once: who leaves after that has read it.
  'as-response-left': one({}),
  'as-response-cut': one(refused('any')),
  'abort-before': one(ABORTED_BEFORE_ANSWER),
  'abort-waiting': one(ABORTED_BEFORE_ANSWER),
  'stream-abort-before': one(ABORTED_BEFORE_ANSWER),
  'stream-abort-waiting': one(ABORTED_BEFORE_ANSWER),
  'stream-unread': one(ABORTED_BEFORE_ANSWER),
  'malformed-json': one(refused('thrown')),
  'status-400': one(refused('400')),
  'status-401': one(refused('401')),
  'status-404': one(refused('404')),
  'status-529': one(refused('529')),
  'status-500-with-response': one(refused('500')),
  'status-500-as-response': one(refused('500')),
  'status-500-unhandled': one(refused('500')),
  'status-500-for-ever': ({ sdk }) => [
    sdk.isFailureFinal ? refused('500') : { ...refused('500'), resends: 1 },
  ],
  'status-429-then-success': one({ resends: 1, answer: 2 }),
  'status-500-then-success': one({ resends: 1, answer: 2 }),
  'stream-status-429': one(refused('429')),
  'stream-bad-request': one(refused('400')),
  'helper-stream-failed': one(refused('401')),
  'connection-reset': one(refused('APIConnectionError')),
  'connection-refused': one(refused('APIConnectionError')),
  timeout: one(refused('APIConnectionTimeoutError')),
  'odd-empty-object': one(NOTHING),
  'odd-null': one(NOTHING),
  'odd-array': one(NOTHING),
  'odd-text': one(NOTHING),
  'odd-no-content': one(NOTHING),
  'odd-wrong-types': one(NOTHING),
  'no-usage': one({ known: 'none' }),
  'stream-break': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-throw-in-loop': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-throw-by-hand': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-return': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-readable-cancelled': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-abort-inside': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-controller-abort': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-as-response-left': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-left-before-usage': one({ outcome: 'aborted', known: 'none' }),
  'stream-aborted-unread': one(ABORTED_BEFORE_ANSWER),
  'stream-aborted-unawaited': one(ABORTED_BEFORE_ANSWER),
  'stream-controller-aborted-unread': one(ABORTED_BEFORE_ANSWER),
  'stream-as-response-aborted-unread': one(ABORTED_BEFORE_ANSWER),
  'stream-aborted-left': ({ sdk }) => [brokenOff(sdk.family)],
  'helper-stream-break': ({ sdk }) => [brokenOff(sdk.family)],
  'stream-as-response-cut': ({ sdk }) => [broken(sdk.family, 'any')],
  // openai 5 and 6 hand the error event of a responses stream on as any other.
  'stream-error-event': ({ sdk, line }) =>
    findThrown(JSON.parse(line)) === undefined
      ? [broken(sdk.family, 'server_error')]
      : [broken(sdk.family, 'thrown')],
  'stream-ended-early': ({ sdk }) => [{ ...brokenOff(sdk.family), outcome: 'ok' }],
  choices: one({ finish: ['stop', 'stop', 'stop'] }),
  'stream-choices': one({ finish: ['stop', 'stop'] }),
  settings: ({ sdk }) => [sdk.family === 'openai' ? { discount: 2n } : {}],
  'run-tools': () => toolLoop('tool_calls'),
  'run-tools-stream': () => toolLoop('tool_calls'),
  'tool-runner': () => toolLoop('tool_use'),
  'tool-runner-stream': () => toolLoop('tool_use'),
  'stream-usage-refused': () => [{ known: 'none' }, { known: 'none' }],
  failed: one({ outcome: 'error', errorType: 'server_error', finish: ['error'] }),
  incomplete: one({ finish: ['max_output_tokens'] }),
  background: () => [{}, FETCH, FETCH],
  'background-never-retrieved': one({ known: 'none', finish: undefined }),
  'retrieved-later': () => [{}, FETCH],
  'not-recorded': () => [],
  'batch-read': planBatch,
  'batch-read-twice': planBatch,
  'batch-cut-then-whole': planBatch,
  'batch-streamed': planBatch,
  'batch-left': (played) => planBatch(played).slice(0, 1),
  'batch-failed': () => [],
  'other-file': () => [],
};

/** True where this version of the SDK does not have the helper; the run without costspan says the same. */
export const isAbsent = (line: string): boolean =>
  /"threw":\{"error":"TypeError".{1,200}(?:is not a (?:function|constructor)|of undefined \(reading '\w+'\))/.test(
    line,
  );

/** The spans that a scenario must give. */
export function expectSpans(played: Played): SpanSummary[] {
  const { scenario, line } = played;
  if (isAbsent(line)) return [];
  const plans = scenario.startsWith('stream-cut-')
    ? [planCut(played)]
    : (NOT_PLAIN[scenario] ?? one({}))(played);
  return plans.map((plan) => expectSpan(played, plan));
}

/** Each answer once, however often it was read, at half the price. */
function planBatch({ endpoint }: Played): readonly Plan[] {
  return BATCH_ANSWERS[endpoint]!.map((billed) => ({ billed, discount: 2n, hasFirstChunk: false }));
}

/** How far a cut stream came is what the application saw of it. */
function planCut({ sdk, line }: Played): Plan {
  const { chunks } = readObject(readObject(readObject(JSON.parse(line)).observed).returned);
  const seen = readArray(chunks).map(readObject);
  if (seen.length === 0) return refused('thrown');
  const cut = broken(sdk.family, 'thrown');
  if (seen.some(({ type }) => type === 'message_delta'))
    return { ...cut, known: 'whole', finish: ['end_turn'] };
  const isFinished = seen.some(({ choices }) => readObject(readArray(choices)[0]).finish_reason === 'stop');
  if (!isFinished) return cut;
  // Some hosts state the usage beside the last choice.
  const hasUsage = sdk.isCompatible && seen.some(({ usage }) => isObject(usage));
  return { ...cut, finish: ['stop'], ...(hasUsage ? { known: 'whole' } : {}) };
}

export const OPERATIONS: Readonly<Record<string, string>> = {
  completions: 'text_completion',
  embeddings: 'embeddings',
  'messages.count_tokens': 'count_tokens',
  'responses.input_tokens': 'count_tokens',
  moderations: 'moderate',
  'images.generate': 'generate_content',
  'images.edit': 'generate_content',
  'images.createVariation': 'generate_content',
  'audio.transcriptions': 'generate_content',
  'audio.translations': 'generate_content',
  'audio.speech': 'generate_content',
};
/** Operations that cost nothing. */
const FREE: ReadonlySet<string> = new Set(['count_tokens', 'moderate']);
/** Endpoints whose answers have no id. */
export const NAMELESS: ReadonlySet<string> = new Set([
  'embeddings',
  'count_tokens',
  'moderate',
  'generate_content',
]);

function expectSpan(played: Played, plan: Plan): SpanSummary {
  const { sdk, endpoint, scenario, line } = played;
  const operation = plan.operation ?? OPERATIONS[endpoint] ?? 'chat';
  const isStream = /stream/.test(scenario) && plan.billed === undefined;
  const { outcome = 'ok', answer = 1 } = plan;
  const responseId = answer === 0 ? undefined : (plan.billed?.id ?? readResponseId(played, answer));
  const isFree = FREE.has(operation);
  const hasId = !NAMELESS.has(operation);
  const usage = expectUsage(
    played,
    isFree && outcome === 'ok' ? { ...plan, known: 'free' } : plan,
    responseId,
  );
  return {
    name: operation === 'fetch_response' ? operation : `${operation} ${endpoint}/${scenario}`,
    provider: readProvider(sdk, scenario),
    status: outcome === 'ok' ? 'unset' : 'error',
    errorType: outcome === 'aborted' ? 'aborted' : readErrorType(plan.errorType, line),
    isStream,
    hasFirstChunk: plan.hasFirstChunk ?? isStream,
    finish:
      'finish' in plan && hasId
        ? plan.finish
        : hasId
          ? [sdk.family === 'anthropic' ? 'end_turn' : 'stop']
          : undefined,
    resends: plan.resends,
    responseId: hasId ? responseId : undefined,
    ...usage,
  };
}

type ExpectedUsage = Pick<SpanSummary, 'usageStatus' | 'counts' | 'costUsd' | 'costSource' | 'costStatus'>;
const NO_USAGE: ExpectedUsage = {
  usageStatus: undefined,
  counts: undefined,
  costUsd: undefined,
  costSource: undefined,
  costStatus: undefined,
};

/** Answers that state no usage. */
const UNSTATED: ReadonlySet<string> = new Set(['together embeddings', 'anthropic completions']);

/** No price list of theirs is known: tokens are counted, and no amount is made up. */
const PRICELESS: ReadonlySet<Family> = new Set(['sambanova', 'writer']);

function expectUsage(
  { sdk, log, endpoint }: Played,
  plan: Plan,
  responseId: string | undefined,
): ExpectedUsage {
  const isStated = !UNSTATED.has(`${sdk.family} ${endpoint}`);
  const known = isStated || plan.known === 'unanswered' ? (plan.known ?? 'whole') : 'none';
  if (known === 'unanswered' || known === 'free') return NO_USAGE;
  if (known === 'none') return { ...NO_USAGE, usageStatus: 'missing', costStatus: 'unpriced' };
  const reply =
    plan.billed === undefined
      ? log.find((entry) => entry.responseId === responseId && entry.usage !== undefined)
      : { usage: plan.billed.usage, model: MODELS[endpoint] };
  if (reply?.usage === undefined || reply.model === undefined)
    throw new Error(`the stand-in billed no ${responseId}`);
  const whole = readCounts(reply.usage);
  const { output: _output, ...input } = whole;
  const isPartial = known === 'input';
  const counts = isPartial || endpoint === 'embeddings' ? input : whole;
  // Nor of what else than tokens the compatible hosts bill by: that is for the providers' own tests.
  const isMedia = OPERATIONS[endpoint] === 'generate_content' || endpoint === 'batches';
  if (PRICELESS.has(sdk.family) || (sdk.isCompatible && isMedia)) {
    const usageStatus = isPartial ? 'partial' : 'complete';
    return { ...NO_USAGE, usageStatus, counts: withoutZeros(counts), costStatus: 'unpriced' };
  }
  return {
    usageStatus: isPartial ? 'partial' : 'complete',
    counts: withoutZeros(counts),
    costUsd: priceCounts(reply.model, counts, plan.discount),
    costSource: counts.chargedUsd === undefined ? 'local' : 'provider',
    costStatus: isPartial ? 'estimated' : 'priced',
  };
}

/** Whether a count that is 0 is stated or left out is the provider's choice; the money is the same. */
function withoutZeros(counts: Counts): Counts {
  const { chargedUsd: _charged, ...tokens } = counts;
  return Object.fromEntries(Object.entries(tokens).filter(([, value]) => value !== 0)) as unknown as Counts;
}

function readResponseId({ endpoint, scenario }: Played, answer: number): string {
  const id = `id.${endpoint}.${scenario}`;
  return scenario === 'stream-usage-refused' ? id : `${id}.${answer}`;
}

function readProvider({ family }: Sdk, scenario: string): string {
  if (scenario.startsWith('azure')) return 'azure.ai.openai';
  return scenario.startsWith('openrouter') ? 'openrouter' : family;
}

function readErrorType(errorType: Plan['errorType'], line: string): string | undefined {
  if (errorType !== 'thrown') return errorType;
  const thrown = findThrown(JSON.parse(line));
  // Some SDKs give an error inside a stream the status 0: none.
  return String(thrown?.status || thrown?.error);
}

function findThrown(value: unknown): Record<string, unknown> | undefined {
  if (!isObject(value)) return undefined;
  if (isObject(value.threw)) return value.threw;
  return Object.values(value)
    .map(findThrown)
    .find((found) => found !== undefined);
}

/** The same of a span that came. An error type that the application sees wrapped is not compared. */
export function summarize(
  { attributes, name, status }: SinkSpan,
  { isWrapped }: { isWrapped: boolean },
): SpanSummary {
  const text = (key: string): string | undefined => readString(attributes[key]);
  const number = (key: string) => attributes[key] as number | undefined;
  const counts = {
    input: number('gen_ai.usage.input_tokens') ?? 0,
    output: number('gen_ai.usage.output_tokens') ?? 0,
    cacheRead: number('gen_ai.usage.cache_read.input_tokens') ?? 0,
    cacheWrite: number('gen_ai.usage.cache_write.input_tokens') ?? 0,
    cacheWrite1h: number('costspan.usage.cache_write_1h.input_tokens') ?? 0,
    reasoning: number('gen_ai.usage.reasoning.output_tokens') ?? 0,
    audioInput: number('gen_ai.usage.audio.input_tokens') ?? 0,
    imageInput: number('gen_ai.usage.image.input_tokens') ?? 0,
    imageOutput: number('gen_ai.usage.image.output_tokens') ?? 0,
    images: number('costspan.usage.output_image.units') ?? 0,
    audioMs: number('costspan.usage.input_audio_ms.units') ?? 0,
    characters: number('costspan.usage.input_character.units') ?? 0,
  };
  const hasCounts = Object.values(counts).some((count) => count > 0);
  return {
    name,
    provider: text('gen_ai.provider.name') ?? '',
    status: status.code,
    errorType: isWrapped ? 'any' : text('error.type'),
    isStream: attributes['gen_ai.request.stream'] === true,
    hasFirstChunk: attributes['gen_ai.response.time_to_first_chunk'] !== undefined,
    finish: attributes['gen_ai.response.finish_reasons'] as string[] | undefined,
    resends: number('http.request.resend_count'),
    responseId: text('gen_ai.response.id'),
    usageStatus: text('costspan.usage.status'),
    counts: hasCounts ? withoutZeros(counts) : undefined,
    costUsd: number('gen_ai.usage.cost.amount'),
    costSource: text('gen_ai.usage.cost.source'),
    costStatus: text('costspan.cost.status'),
  };
}

/** The spans of one scenario: its model is the scenario's name, and a retrieval has its response's id. */
export function spansOf(
  spans: readonly SinkSpan[],
  { endpoint, scenario }: Pick<Played, 'endpoint' | 'scenario'>,
): SinkSpan[] {
  const isOwn = ({ attributes }: SinkSpan): boolean =>
    attributes['gen_ai.request.model'] === `${endpoint}/${scenario}` ||
    (attributes['gen_ai.operation.name'] === 'fetch_response' &&
      String(attributes['gen_ai.response.id']).startsWith(`id.${endpoint}.${scenario}.`));
  return spans.filter(isOwn);
}

/**
 * In an order that is theirs whatever the clock says: two calls may begin in one millisecond, and a machine's clock is
 * set back now and then.
 */
export function inFixedOrder<T>(summaries: readonly T[]): T[] {
  const texts = new Map(summaries.map((summary) => [summary, JSON.stringify(summary)]));
  return [...summaries].sort((a, b) => texts.get(a)!.localeCompare(texts.get(b)!));
}
