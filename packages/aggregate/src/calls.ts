import { METRIC, OVERFLOW_LABEL, TOKEN_TYPES, type TokenType, type WasteReason } from '@costspan/semconv';
import type { Births } from './births.js';
import type { CallRecord, TokenPartition } from './records.js';
import { Booking, type Bookings } from './series.js';

const STATUSES = ['ok', 'error', 'aborted'] as const;
const TOKENS_OF: Record<TokenType, (tokens: TokenPartition) => number> = {
  input: (tokens) => tokens.input,
  cache_read: (tokens) => tokens.cacheRead,
  cache_write: (tokens) => tokens.cacheWrite,
  output: (tokens) => tokens.output,
  reasoning: (tokens) => tokens.reasoning,
};

/** Why the cost of this call bought nothing, whatever becomes of its task; `undefined` when it may have. */
export function wasteReason(call: CallRecord): WasteReason | undefined {
  if (call.status === 'error') return 'error_call';
  return call.status === 'aborted' ? 'aborted_stream' : undefined;
}

/** The series that count calls: one entry a metric. */
export class Calls {
  readonly #cost;
  readonly #tokens;
  readonly #calls;
  readonly #duration;
  readonly #timeToFirstChunk;
  readonly #costPerCall;
  readonly #retries;
  readonly #unpriced;
  readonly #savings;

  constructor(births: Births) {
    this.#cost = births.money(METRIC.COST);
    this.#tokens = births.counts(METRIC.TOKENS);
    this.#calls = births.counts(METRIC.CALLS);
    this.#duration = births.histogram(METRIC.CALL_DURATION, 0);
    this.#timeToFirstChunk = births.histogram(METRIC.TIME_TO_FIRST_CHUNK, 0);
    this.#costPerCall = births.histogram(METRIC.COST_PER_CALL, 0n);
    this.#retries = births.counts(METRIC.RETRIES);
    this.#unpriced = births.counts(METRIC.UNPRICED_CALLS);
    this.#savings = births.savings(METRIC.CACHE_SAVINGS);
  }

  /** What the call adds to each metric; series that its like will need are made with it, at 0. */
  book(call: CallRecord): Bookings {
    const common = [call.service, call.environment, call.feature, call.userTier, call.provider, call.model];
    const withoutTier = [call.service, call.environment, call.feature, call.provider, call.model];
    const bookings: (Booking<number> | Booking<bigint>)[] = [
      ...STATUSES.map(
        (status) => new Booking(this.#calls.at([...common, status]), status === call.status ? 1 : 0),
      ),
      new Booking(this.#duration.at(withoutTier), call.durationSeconds),
      new Booking(this.#retries.at(common), call.retries),
      ...this.#bookMoney(call, common),
    ];
    const { tokens, timeToFirstChunkSeconds, unpricedReason } = call;
    if (tokens !== undefined) {
      for (const type of TOKEN_TYPES)
        bookings.push(new Booking(this.#tokens.at([...common, type]), TOKENS_OF[type](tokens)));
    }
    if (timeToFirstChunkSeconds !== undefined)
      bookings.push(new Booking(this.#timeToFirstChunk.at(withoutTier), timeToFirstChunkSeconds));
    if (unpricedReason !== undefined) {
      const labels = [call.service, call.provider, call.model, unpricedReason];
      bookings.push(new Booking(this.#unpriced.at(labels), 1));
    }
    return bookings;
  }

  #bookMoney(call: CallRecord, common: readonly string[]): Booking<bigint>[] {
    if (call.costPicoUsd === undefined) return [];
    const costPicoUsd = BigInt(call.costPicoUsd);
    const source = call.costSource ?? 'local';
    const bookings = [
      new Booking(this.#cost.at([...common, call.operation, call.mode, source]), costPicoUsd),
      new Booking(this.#costPerCall.at([call.service, call.feature, call.model]), costPicoUsd),
    ];
    if (call.cacheSavingsPicoUsd !== undefined)
      bookings.push(new Booking(this.#savings.at([...common, 'provider']), BigInt(call.cacheSavingsPicoUsd)));
    return bookings;
  }
}

/** Which tenants have a series of their own. */
export interface TenantOptions {
  readonly allow: readonly string[];
  /** Beside those, this many of the dearest. */
  readonly top: number;
}

/** Tenants whose sums are remembered to find the dearest; further ones are `other` for good. */
const MAX_TRACKED_TENANTS = 100_000;

/**
 * Cost by tenant: the listed ones, the dearest, and `other`. A tenant that becomes one of the dearest gets a series
 * from then on and one that is overtaken keeps what it has while its further cost goes to `other`: no counter ever
 * goes down and the sum is the sum of all calls, with an empty label for those that name no tenant.
 */
export class Tenants {
  readonly #cost;
  readonly #allow: ReadonlySet<string>;
  readonly #top: number;
  readonly #totals = new Map<string, bigint>();
  readonly #dearest = new Set<string>();

  constructor(births: Births, options: TenantOptions) {
    this.#cost = births.money(METRIC.TENANT_COST);
    this.#allow = new Set(options.allow);
    this.#top = options.top;
    for (const tenant of [...options.allow, OVERFLOW_LABEL]) this.#cost.at([tenant]);
  }

  book(call: CallRecord): Bookings {
    if (call.costPicoUsd === undefined) return [];
    const costPicoUsd = BigInt(call.costPicoUsd);
    return [new Booking(this.#cost.at([this.#labelOf(call.tenant, costPicoUsd)]), costPicoUsd)];
  }

  #labelOf(tenant: string, costPicoUsd: bigint): string {
    if (tenant === '' || this.#allow.has(tenant)) return tenant;
    const soFar = this.#totals.get(tenant);
    if (soFar === undefined && this.#totals.size >= MAX_TRACKED_TENANTS) return OVERFLOW_LABEL;
    const total = (soFar ?? 0n) + costPicoUsd;
    this.#totals.set(tenant, total);
    if (this.#dearest.has(tenant)) return tenant;
    if (this.#dearest.size >= this.#top && !this.#overtake(total)) return OVERFLOW_LABEL;
    this.#dearest.add(tenant);
    return tenant;
  }

  /** Makes room by dropping the cheapest of the dearest, if it is cheaper than this. */
  #overtake(totalPicoUsd: bigint): boolean {
    let cheapest: string | undefined;
    let cheapestPicoUsd = totalPicoUsd;
    for (const tenant of this.#dearest) {
      const total = this.#totals.get(tenant) ?? 0n;
      if (total < cheapestPicoUsd) {
        cheapest = tenant;
        cheapestPicoUsd = total;
      }
    }
    return cheapest !== undefined && this.#dearest.delete(cheapest);
  }
}
