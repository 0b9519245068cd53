import type { NestedUsage, Usage } from '@costspan/pricing';
import { ATTR, type UsageStatus } from '@costspan/semconv';
import type { CallRequest, CallResult, Endpoint, SpanAttributes } from '../../provider.js';
import {
  asOptional,
  type Fields,
  readCount,
  readFields,
  readItems,
  readText,
  type WithUndefined,
} from '../fields.js';
import { readErrorType, readOpenaiResponseAttributes } from './request.js';
import { readTier } from './tier.js';
import { addToolRequests, readUsage, readUsageGap } from './usage.js';

/** Renders the captured output of a list of `choices`, or of the chunks' choices in their order. */
export interface ChoiceRenderer {
  renderChoices(choices: readonly unknown[]): SpanAttributes;
  renderChunks(choices: readonly unknown[]): SpanAttributes;
}

/** What the fold over a completion stream remembers. */
interface CompletionState {
  readonly tier: string | undefined;
  readonly fingerprint: string | undefined;
  /** The provider's own tools were used, for fees that no response states. */
  readonly hasRunTools: boolean;
  /** Choices of the chunks so far, newest first: one link a chunk, and only when content is captured. */
  readonly heard: Heard | undefined;
  /** All that a plain word could tell is known: id, model, the only choice; and what it says is not kept. */
  readonly isUnderWay: boolean;
}
interface Heard {
  readonly choices: readonly unknown[];
  readonly before: Heard | undefined;
}
const NO_STATE: CompletionState = {
  tier: undefined,
  fingerprint: undefined,
  hasRunTools: false,
  heard: undefined,
  isUnderWay: false,
};

type FinishReasons = readonly (string | undefined)[] | undefined;

/** A whole chat or legacy completion. */
export function readCompletion(body: unknown, request: CallRequest, renderer: ChoiceRenderer): CallResult {
  const fields = readFields(body);
  const choices = readItems(fields.choices);
  const usage = readUsage(fields.usage, request.provider);
  return asOptional<CallResult>({
    usageStatus: readCompletionStatus(usage, true),
    finishReasons: foldFinishReasons(undefined, choices, 0),
    responseId: readText(fields.id),
    responseModel: readText(fields.model),
    ...readRate(fields, {
      usage,
      rawUsage: fields.usage,
      request,
      state: readSystem(fields, choices, NO_STATE),
    }),
    errorType: readErrorType(fields.error),
    content: request.content === undefined ? undefined : () => renderer.renderChoices(choices),
  });
}

/**
 * Reads the chunks of a chat or legacy completion stream, one by one. The plainest, a word of the only choice, make no
 * object: nearly all are, so they are told apart before anything is made that the others need.
 */
export const readChunksWith =
  (renderer: ChoiceRenderer): NonNullable<Endpoint['readChunk']> =>
  (soFar, chunk, request) =>
    isOneMoreWord(soFar, chunk) ? soFar : readCompletionChunk(soFar, chunk, { request, renderer });

/** One more chunk. Usage may come on any of them; the last one wins. */
function readCompletionChunk(
  soFar: CallResult,
  chunk: unknown,
  { request, renderer }: { readonly request: CallRequest; readonly renderer: ChoiceRenderer },
): CallResult {
  const fields = readFields(chunk);
  const choices = readItems(fields.choices);
  const before = (soFar.state as CompletionState | undefined) ?? NO_STATE;
  const rawUsage = fields.usage ?? readFields(fields.x_groq).usage ?? findChoiceUsage(choices);
  const finishReasons = foldFinishReasons(soFar.finishReasons, choices, expectedChoices(request));
  const heard = hear(before.heard, choices, request);
  const state: CompletionState = { ...readSystem(fields, choices, before), heard };
  if (isOldNews({ soFar, before, state, finishReasons, fields }) && rawUsage == null) return soFar;

  const usage = (rawUsage == null ? undefined : readUsage(rawUsage, request.provider)) ?? soFar.usage;
  const hasNewUsage = rawUsage != null && usage !== soFar.usage;
  const isEnd = choices.length === 0 || (finishReasons?.every((reason) => reason !== undefined) ?? false);
  const hasNewRate = hasNewUsage || state.tier !== before.tier || state.fingerprint !== before.fingerprint;
  const rate: WithUndefined<Rate> = hasNewRate
    ? readRate(fields, { usage, rawUsage, request, state })
    : (soFar as WithUndefined<Rate>);
  const responseId = soFar.responseId ?? readText(fields.id);
  const responseModel = soFar.responseModel ?? readText(fields.model);
  const isKnown = responseId !== undefined && responseModel !== undefined && finishReasons?.length === 1;
  const { tier, fingerprint, hasRunTools } = state;
  return asOptional<CallResult>({
    responseId,
    responseModel,
    finishReasons,
    usage: rate.usage ?? soFar.usage,
    mode: rate.mode ?? soFar.mode,
    estimatedReason: rate.estimatedReason ?? soFar.estimatedReason,
    attributes: rate.attributes ?? soFar.attributes,
    usageStatus: hasNewUsage ? readCompletionStatus(usage, isEnd) : soFar.usageStatus,
    errorType: readErrorType(fields.error) ?? soFar.errorType,
    state: { tier, fingerprint, hasRunTools, heard, isUnderWay: isKnown && request.content === undefined },
    content: heard === undefined ? undefined : () => renderer.renderChunks(collectHeard(heard)),
  });
}

function isOneMoreWord({ state }: CallResult, chunk: unknown): boolean {
  const { isUnderWay, tier, fingerprint } = (state as CompletionState | undefined) ?? NO_STATE;
  if (!isUnderWay) return false;
  const fields = readFields(chunk);
  const choices = readItems(fields.choices);
  if (choices.length !== 1) return false;
  const choice = readFields(choices[0]);
  return (
    choice.finish_reason == null &&
    (choice.index === 0 || choice.index === undefined) &&
    readFields(choice.delta).executed_tools === undefined &&
    fields.usage == null &&
    fields.x_groq === undefined &&
    fields.error === undefined &&
    (fields.service_tier == null || fields.service_tier === tier) &&
    (fields.system_fingerprint == null || fields.system_fingerprint === fingerprint)
  );
}

/** Most other chunks bring nothing that is recorded either: they leave the result as it is. */
function isOldNews(news: {
  readonly soFar: CallResult;
  readonly before: CompletionState;
  readonly state: CompletionState;
  readonly finishReasons: FinishReasons;
  readonly fields: Fields;
}): boolean {
  const { soFar, before, state, finishReasons, fields } = news;
  return (
    finishReasons === soFar.finishReasons &&
    state.tier === before.tier &&
    state.fingerprint === before.fingerprint &&
    state.hasRunTools === before.hasRunTools &&
    state.heard === before.heard &&
    soFar.responseId !== undefined &&
    soFar.responseModel !== undefined &&
    fields.error === undefined
  );
}

function readCompletionStatus(usage: Usage | undefined, isEnd: boolean): UsageStatus {
  if (usage === undefined) return 'missing';
  return isEnd && usage.inputTokens !== undefined && usage.outputTokens !== undefined
    ? 'complete'
    : 'partial';
}

/** Moonshot tells the usage of a stream within the last choice. */
function findChoiceUsage(choices: readonly unknown[]): unknown {
  for (const choice of choices) {
    const { usage } = readFields(choice);
    if (usage != null) return usage;
  }
  return undefined;
}

function readSystem(fields: Fields, choices: readonly unknown[], before: CompletionState): CompletionState {
  const tier = readText(fields.service_tier) ?? before.tier;
  const fingerprint = readText(fields.system_fingerprint) ?? before.fingerprint;
  const hasRunTools = before.hasRunTools || choices.some(hasExecutedTools);
  return { ...before, tier, fingerprint, hasRunTools };
}

/** What tells how the usage is priced. */
type Rate = Pick<CallResult, 'usage' | 'mode' | 'estimatedReason' | 'attributes'>;

interface RateSource {
  readonly usage: Usage | undefined;
  readonly rawUsage: unknown;
  readonly request: CallRequest;
  readonly state: CompletionState;
}

function readRate(fields: Fields, { usage, rawUsage, request, state }: RateSource): WithUndefined<Rate> {
  const tier = readTier(state.tier, rawUsage);
  const counted =
    usage === undefined
      ? undefined
      : addSearch(addBreakdown(usage, fields), readText(fields.model) ?? request.model);
  const hasToolFees = state.hasRunTools || (counted?.byModel !== undefined && request.isStream);
  const gap = counted === undefined ? undefined : readUsageGap(rawUsage, counted);
  return {
    usage: counted,
    mode: tier.mode,
    estimatedReason: tier.estimatedReason ?? (hasToolFees ? 'tool_fees_missing' : gap),
    attributes: readOpenaiResponseAttributes(request, state.tier, state.fingerprint),
  };
}

/** Groq's compound systems use several models under one name, and each is billed at its own rate. */
function addBreakdown(usage: Usage, fields: Fields): Usage {
  const models = readItems(
    readFields(fields.usage_breakdown ?? readFields(fields.x_groq).usage_breakdown).models,
  );
  const byModel = models.flatMap((item): NestedUsage[] => {
    const { model, usage: part } = readFields(item);
    const name = readText(model);
    const read = readUsage(part);
    return name === undefined || read === undefined ? [] : [{ model: name, usage: read }];
  });
  // A list that cannot be read to its end would bill a part for the whole.
  return byModel.length > 0 && byModel.length === models.length ? { ...usage, byModel } : usage;
}

/** Models that search before each answer, for a fee that no usage states: what comes before its end names the search. */
const SEARCH_MODEL = /^gpt-[\w.-]+-search-(preview|api)(?:-|$)/;

function addSearch(usage: Usage, model: string | undefined): Usage {
  const [, kind] = SEARCH_MODEL.exec(model ?? '') ?? [];
  if (kind === undefined) return usage;
  return addToolRequests(usage, { [kind === 'preview' ? 'web_search_preview' : 'web_search']: 1 });
}

/** Groq's own tools, of compound systems and others, are billed as well, by fees that no response states. */
function hasExecutedTools(choice: unknown): boolean {
  const { message, delta } = readFields(choice);
  return readItems(readFields(message ?? delta).executed_tools).length > 0;
}

/** Number of choices that a stream will bring. */
function expectedChoices(request: CallRequest): number {
  return readCount(request.attributes[ATTR.REQUEST_CHOICE_COUNT]) ?? 1;
}

/** Reasons by choice index; the same array when the choices bring nothing new. A `null` never takes one back. */
function foldFinishReasons(
  known: FinishReasons,
  choices: readonly unknown[],
  expected: number,
): FinishReasons {
  if (choices.length === 0) return known;
  let folded: (string | undefined)[] | undefined;
  choices.forEach((choice, position) => {
    const fields = readFields(choice);
    const index = readCount(fields.index) ?? position;
    const reason = readText(fields.finish_reason);
    const current = folded ?? known;
    if (index >= MAX_CHOICES) return;
    if (
      current !== undefined &&
      index < current.length &&
      (reason === undefined || current[index] === reason)
    )
      return;
    folded ??= known === undefined ? new Array(Math.min(expected, MAX_CHOICES)).fill(undefined) : [...known];
    while (folded.length <= index) folded.push(undefined);
    folded[index] = reason ?? folded[index];
  });
  return folded ?? known;
}

/** OpenAI allows 128; a body that claims index 4 billion must not make an array of it. */
const MAX_CHOICES = 1024;

function hear(
  before: Heard | undefined,
  choices: readonly unknown[],
  request: CallRequest,
): Heard | undefined {
  return request.content === undefined || choices.length === 0 ? before : { choices, before };
}

function collectHeard(last: Heard): readonly unknown[] {
  const chunks: (readonly unknown[])[] = [];
  for (let heard: Heard | undefined = last; heard !== undefined; heard = heard.before)
    chunks.push(heard.choices);
  return chunks.reverse().flat();
}
