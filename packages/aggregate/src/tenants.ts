import { METRIC, OVERFLOW_LABEL } from '@costspan/semconv';
import type { Births } from './births.js';
import type { CallRecord } from './records.js';
import type { MoneySeries } from './series.js';

/** Which tenants have a series of their own. */
export interface TenantOptions {
  readonly allow: readonly string[];
  /** Beside those, this many of the dearest. */
  readonly top: number;
}

/** What {@link Tenants} remembers, as plain data. */
export interface TenantState {
  readonly totals: readonly (readonly [tenant: string, picoUsd: bigint])[];
  readonly dearest: readonly string[];
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
  /** None of the dearest is below it: sums only grow, so what it once was need not be looked for again. */
  #leastPicoUsd = 0n;

  constructor(births: Births, options: TenantOptions) {
    this.#cost = births.money(METRIC.TENANT_COST);
    this.#allow = new Set(options.allow);
    this.#top = options.top;
    for (const tenant of [...options.allow, OVERFLOW_LABEL]) this.#cost.at([tenant]);
  }

  /** Where the cost of the call goes; asked once for each call, because each moves the order of the dearest. */
  place(call: CallRecord): MoneySeries | undefined {
    if (call.costPicoUsd === undefined) return undefined;
    return this.#cost.at([this.#labelOf(call.tenant, call.costPicoUsd)]);
  }

  /** The sums that find the dearest, and who they are now. */
  readState(): TenantState {
    return { totals: [...this.#totals], dearest: [...this.#dearest] };
  }

  restore({ totals, dearest }: TenantState): void {
    for (const [tenant, picoUsd] of totals) this.#totals.set(tenant, picoUsd);
    for (const tenant of dearest) this.#dearest.add(tenant);
  }

  /** The sum of these labels. */
  find(labels: readonly string[]): MoneySeries {
    return this.#cost.at(labels);
  }

  #labelOf(tenant: string, costPicoUsd: number): string {
    if (tenant === '' || this.#allow.has(tenant)) return tenant;
    const soFar = this.#totals.get(tenant);
    if (soFar === undefined && this.#totals.size >= MAX_TRACKED_TENANTS) return OVERFLOW_LABEL;
    const total = (soFar ?? 0n) + BigInt(costPicoUsd);
    this.#totals.set(tenant, total);
    if (this.#dearest.has(tenant)) return tenant;
    if (this.#dearest.size < this.#top) this.#leastPicoUsd = 0n;
    else if (!this.#overtake(total)) return OVERFLOW_LABEL;
    this.#dearest.add(tenant);
    return tenant;
  }

  /** Makes room by dropping the cheapest of the dearest, if it is cheaper than this. */
  #overtake(totalPicoUsd: bigint): boolean {
    if (totalPicoUsd <= this.#leastPicoUsd) return false;
    let cheapest: string | undefined;
    this.#leastPicoUsd = totalPicoUsd;
    for (const tenant of this.#dearest) {
      const total = this.#totals.get(tenant) ?? 0n;
      if (total >= this.#leastPicoUsd) continue;
      cheapest = tenant;
      this.#leastPicoUsd = total;
    }
    return cheapest !== undefined && this.#dearest.delete(cheapest);
  }
}
