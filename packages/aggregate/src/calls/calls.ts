import {
  METRIC,
  PROCESSOR_METRIC,
  TOKEN_TYPES,
  type TokenType,
  WASTE_REASONS,
  type WasteReason,
} from '@costspan/semconv';
import type { CallRecord, TokenPartition } from '../records.js';
import type { Births } from '../series/births.js';
import { sumToUsd } from '../series/money.js';
import type {
  CountSeries,
  HistogramSeries,
  MoneyHistogram,
  MoneySeries,
  SavingsSeries,
  SecondsHistogram,
  Series,
} from '../series/series.js';
import { RecentCalls } from './recent-calls.js';

const STATUSES = ['ok', 'error', 'aborted'] as const;
/** Plans that are remembered. Beyond it all are forgotten and made again: label sets without end are few together. */
const MAX_PLANS = 10_000;
/** Hex digits of a trace id; a record from elsewhere may have none. */
const TRACE_ID_CHARS = 32;

/** Why the cost of this call bought nothing, whatever becomes of its task; `undefined` when it may have. */
export function wasteReason(call: CallRecord): WasteReason | undefined {
  if (call.status === 'error') return 'error_call';
  return call.status === 'aborted' ? 'aborted_stream' : undefined;
}

/** Whether it may be asked again in its task, and is then waste of another reason. */
const mayBeRetried = ({ status, task, requestDigest }: CallRecord): boolean =>
  status !== 'ok' && task !== undefined && requestDigest !== undefined;

/** The series that calls of one kind add to. To look each of them up for every call costs most of its time. */
export interface CallPlan {
  /** All that such a call needs, those that it adds nothing to included: what its like adds to was shown by then. */
  readonly series: readonly Series[];
  /** Whether a scrape has shown all of them. */
  isShown: boolean;
  readonly calls: CountSeries;
  readonly duration: SecondsHistogram;
  readonly retries: CountSeries;
  readonly timeToFirstChunk: SecondsHistogram | undefined;
  readonly tokens: Readonly<Record<TokenType, CountSeries>> | undefined;
  readonly unpriced: CountSeries | undefined;
  readonly estimated: CountSeries | undefined;
  readonly cost: MoneySeries | undefined;
  readonly costPerCall: MoneyHistogram | undefined;
  readonly savings: SavingsSeries | undefined;
  /** Undefined where it is not waste, or where its task says why it is. */
  readonly wasted: MoneySeries | undefined;
  /** Why it is waste, where that is left to its task. */
  readonly openWaste: WasteReason | undefined;
}

/** The series that count calls: one entry a metric. */
export class Calls {
  readonly #plans = new Map<string, CallPlan>();
  readonly #recent = new RecentCalls<CallPlan>(hasSamePlan);
  readonly #cost;
  readonly #tokens;
  readonly #calls;
  readonly #duration;
  readonly #timeToFirstChunk;
  readonly #costPerCall;
  readonly #retries;
  readonly #unpriced;
  readonly #estimated;
  readonly #savings;
  readonly #wasted;

  constructor(births: Births) {
    this.#cost = births.money(METRIC.COST);
    this.#tokens = births.counts(METRIC.TOKENS);
    this.#calls = births.counts(METRIC.CALLS);
    this.#duration = births.secondsHistogram(METRIC.CALL_DURATION);
    this.#timeToFirstChunk = births.secondsHistogram(METRIC.TIME_TO_FIRST_CHUNK);
    this.#costPerCall = births.moneyHistogram(METRIC.COST_PER_CALL);
    this.#retries = births.counts(METRIC.RETRIES);
    this.#unpriced = births.counts(METRIC.UNPRICED_CALLS);
    this.#estimated = births.counts(PROCESSOR_METRIC.ESTIMATED_CALLS);
    this.#savings = births.savings(METRIC.CACHE_SAVINGS);
    this.#wasted = births.money(METRIC.WASTED_COST);
  }

  /** Waste by feature and reason; a task that bought nothing adds the rest of its cost. */
  get wasted(): ReturnType<Births['money']> {
    return this.#wasted;
  }

  /** The series of this call and of its like; made at 0 where they are new. */
  plan(call: CallRecord): CallPlan {
    return this.#recent.find(call, this.#findPlan);
  }

  readonly #findPlan = (call: CallRecord): CallPlan => {
    const key = planKey(call);
    let plan = this.#plans.get(key);
    if (plan === undefined) {
      plan = this.#createPlan(call);
      if (this.#plans.size >= MAX_PLANS) this.#plans.clear();
      this.#plans.set(key, plan);
    }
    return plan;
  };

  #createPlan(call: CallRecord): CallPlan {
    const common = [call.service, call.environment, call.feature, call.userTier, call.provider, call.model];
    const withoutTier = [call.service, call.environment, call.feature, call.provider, call.model];
    const calls = byKey(STATUSES, (status) => this.#calls.at([...common, status]));
    const hasTokens = call.tokens !== undefined;
    const tokens = hasTokens ? byKey(TOKEN_TYPES, (type) => this.#tokens.at([...common, type])) : undefined;
    const always = {
      duration: this.#duration.at(withoutTier),
      retries: this.#retries.at(common),
      timeToFirstChunk:
        call.timeToFirstChunkSeconds === undefined ? undefined : this.#timeToFirstChunk.at(withoutTier),
      unpriced:
        call.unpricedReason === undefined
          ? undefined
          : this.#unpriced.at([call.service, call.provider, call.model, call.unpricedReason]),
      estimated:
        call.estimatedReason === undefined
          ? undefined
          : this.#estimated.at([call.service, call.provider, call.model, call.estimatedReason]),
    };
    const money = this.#planMoney(call, common);
    const series = [calls, tokens, always, money].flatMap((part) =>
      Object.values<Series | undefined>(part ?? {}),
    );
    return {
      ...always,
      ...money,
      tokens,
      calls: calls[call.status],
      series: series.filter((one) => one !== undefined),
      isShown: false,
      openWaste: money.cost !== undefined && mayBeRetried(call) ? wasteReason(call) : undefined,
    };
  }

  #planMoney(
    call: CallRecord,
    common: readonly string[],
  ): Pick<CallPlan, 'cost' | 'costPerCall' | 'savings' | 'wasted'> {
    const { service, feature, model, operation, mode, costSource = 'local' } = call;
    const wasted = byKey(WASTE_REASONS, (reason) => this.#wasted.at([feature, reason]));
    if (call.costPicoUsd === undefined)
      return { cost: undefined, costPerCall: undefined, savings: undefined, wasted: undefined };
    const hasSavings = call.cacheSavingsPicoUsd !== undefined;
    const reason = mayBeRetried(call) ? undefined : wasteReason(call);
    return {
      cost: this.#cost.at([...common, operation, mode, costSource]),
      costPerCall: this.#costPerCall.at([service, feature, model]),
      savings: hasSavings ? this.#savings.at([...common, 'provider']) : undefined,
      wasted: reason === undefined ? undefined : wasted[reason],
    };
  }
}

/** Adds a call to the series of its plan. */
export function bookCall(plan: CallPlan, call: CallRecord): void {
  const count = call.sampleCount ?? 1;
  plan.calls.book(count);
  // Nobody waited for the result of a batch while it was made.
  if (call.mode !== 'batch') plan.duration.book(call.durationSeconds);
  if (call.traceId.length === TRACE_ID_CHARS) offerExemplars(plan, call);
  plan.retries.book(call.retries * count);
  plan.timeToFirstChunk?.book(call.timeToFirstChunkSeconds ?? 0);
  plan.unpriced?.book(count);
  plan.estimated?.book(count);
  if (plan.tokens !== undefined && call.tokens !== undefined) bookTokens(plan.tokens, call.tokens);
  const { costPicoUsd } = call;
  if (costPicoUsd === undefined) return;
  plan.cost?.book(costPicoUsd);
  plan.costPerCall?.book(costPicoUsd);
  plan.wasted?.book(costPicoUsd);
  plan.savings?.book(call.cacheSavingsPicoUsd ?? 0);
}

/** Its trace can be opened from the pictures of what it added to. */
function offerExemplars(plan: CallPlan, call: CallRecord): void {
  if (call.mode !== 'batch') offerExemplar(plan.duration, call.durationSeconds, call);
  if (plan.timeToFirstChunk !== undefined)
    offerExemplar(plan.timeToFirstChunk, call.timeToFirstChunkSeconds ?? 0, call);
  if (plan.costPerCall !== undefined) offerExemplar(plan.costPerCall, sumToUsd(call.costPicoUsd ?? 0), call);
}

/** The call stands for the series when it is the dearest since the last scrape. */
function offerExemplar(
  series: Pick<HistogramSeries, 'exemplar'>,
  observed: number,
  { traceId, spanId, endMs, costPicoUsd = 0 }: CallRecord,
): void {
  if (series.exemplar !== undefined && series.exemplar.costPicoUsd >= costPicoUsd) return;
  series.exemplar = { traceId, spanId, observed, costPicoUsd, endMs };
}

function bookTokens(series: Readonly<Record<TokenType, CountSeries>>, tokens: TokenPartition): void {
  series.input.book(tokens.input);
  series.cache_read.book(tokens.cacheRead);
  series.cache_write.book(tokens.cacheWrite);
  series.output.book(tokens.output);
  series.reasoning.book(tokens.reasoning);
}

/** Whether two calls add to the same series. */
export const hasSamePlan = (a: CallRecord, b: CallRecord): boolean =>
  a.feature === b.feature &&
  a.model === b.model &&
  a.userTier === b.userTier &&
  a.service === b.service &&
  a.environment === b.environment &&
  a.provider === b.provider &&
  a.operation === b.operation &&
  a.mode === b.mode &&
  a.status === b.status &&
  a.costSource === b.costSource &&
  a.unpricedReason === b.unpricedReason &&
  a.estimatedReason === b.estimatedReason &&
  mayBeRetried(a) === mayBeRetried(b) &&
  (a.tokens === undefined) === (b.tokens === undefined) &&
  (a.timeToFirstChunkSeconds === undefined) === (b.timeToFirstChunkSeconds === undefined) &&
  (a.costPicoUsd === undefined) === (b.costPicoUsd === undefined) &&
  (a.cacheSavingsPicoUsd === undefined) === (b.cacheSavingsPicoUsd === undefined);

/** The same text for calls of the same plan, and for no others. */
export const planKey = (call: CallRecord): string =>
  [
    call.feature,
    call.model,
    call.userTier,
    call.service,
    call.environment,
    call.provider,
    call.operation,
    call.mode,
    call.status,
    call.costSource,
    call.unpricedReason,
    call.estimatedReason,
    mayBeRetried(call),
    call.tokens === undefined,
    call.timeToFirstChunkSeconds === undefined,
    call.costPicoUsd === undefined,
    call.cacheSavingsPicoUsd === undefined,
  ]
    .map(String)
    .join('\0');

function byKey<Key extends string, Value>(
  keys: readonly Key[],
  make: (key: Key) => Value,
): Readonly<Record<Key, Value>> {
  return Object.fromEntries(keys.map((key) => [key, make(key)])) as Record<Key, Value>;
}
