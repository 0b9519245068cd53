/** What the spans of each scenario must say, and what a span does say, both as plain objects to be compared whole. */
import { readString, type SinkSpan } from '@costspan/testkit';
import { type Counts, priceCounts, readCounts } from './bill.ts';
import type { Family, Sdk } from './matrix.ts';
import { findThrown, isAbsent, type Plan, type Played, planCalls } from './plans.ts';
import { MODELS } from './replies.ts';

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

/** The spans that a scenario must give. */
export function expectSpans(played: Played): SpanSummary[] {
  if (isAbsent(played.line)) return [];
  return planCalls(played).map((plan) => expectSpan(played, plan));
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
