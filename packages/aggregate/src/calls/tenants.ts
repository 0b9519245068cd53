import { METRIC, OVERFLOW_LABEL } from '@costspan/semconv';
import type { CallRecord } from '../records.js';
import type { Births } from '../series/births.js';
import { MoneySum } from '../series/money.js';
import type { MoneySeries } from '../series/series.js';
import type { TenantState } from '../state.js';

/** Which tenants have a series of their own. */
export interface TenantOptions {
  readonly allow: readonly string[];
  /** Beside those, this many of the dearest. */
  readonly top: number;
}

/** Tenants whose sums are remembered to find the dearest; further ones are `other` for good. */
const MAX_TRACKED_TENANTS = 100_000;

/** What is known of one tenant. */
interface Tenant {
  readonly name: string;
  readonly total: MoneySum;
  /** Found once it is one of the dearest. */
  series: MoneySeries | undefined;
}

/**
 * Cost by tenant: the listed ones, the dearest, and `other`. A tenant that becomes one of the dearest gets a series
 * from then on and one that is overtaken keeps what it has while its further cost goes to `other`: no counter ever
 * goes down and the sum is the sum of all calls, with an empty label for those that name no tenant.
 */
export class Tenants {
  readonly #cost;
  /** Of the listed tenants, and of no tenant. */
  readonly #listed = new Map<string, MoneySeries>();
  readonly #top: number;
  readonly #tenants = new Map<string, Tenant>();
  readonly #dearest = new Set<Tenant>();
  /** None of the dearest is below it: sums only grow, so what it once was need not be looked for again. */
  #leastPicoUsd: number | bigint = 0;
  readonly #others: MoneySeries;

  constructor(births: Births, options: TenantOptions) {
    this.#cost = births.money(METRIC.TENANT_COST);
    this.#top = options.top;
    for (const tenant of options.allow) this.#listed.set(tenant, this.#cost.at([tenant]));
    this.#others = this.#cost.at([OVERFLOW_LABEL]);
  }

  /** Where the cost of the call goes; asked once for each call, because each moves the order of the dearest. */
  place({ tenant: name, costPicoUsd }: CallRecord): MoneySeries | undefined {
    if (costPicoUsd === undefined) return undefined;
    const listed = this.#listed.get(name);
    if (listed !== undefined) return listed;
    if (name === '') return this.#listNobody();
    const tenant = this.#tenants.get(name) ?? this.#add(name, 0n);
    if (tenant === undefined) return this.#others;
    tenant.total.add(costPicoUsd);
    if (!this.#isDearest(tenant)) return this.#others;
    tenant.series ??= this.#cost.at([name]);
    return tenant.series;
  }

  /** The sums that find the dearest, and who they are now. */
  readState(): TenantState {
    const totals = [...this.#tenants.values()].map(({ name, total }) => [name, total.value] as const);
    return { totals, dearest: [...this.#dearest].map(({ name }) => name) };
  }

  restore({ totals, dearest }: TenantState): void {
    for (const [name, picoUsd] of totals) this.#add(name, picoUsd);
    for (const name of dearest) {
      const tenant = this.#tenants.get(name);
      if (tenant !== undefined) this.#dearest.add(tenant);
    }
  }

  /** The sum of these labels. */
  find(labels: readonly string[]): MoneySeries {
    return this.#cost.at(labels);
  }

  /** Born with the first call that names no tenant. */
  #listNobody(): MoneySeries {
    const series = this.#cost.at(['']);
    this.#listed.set('', series);
    return series;
  }

  /** Undefined where too many are known. */
  #add(name: string, picoUsd: bigint): Tenant | undefined {
    if (this.#tenants.size >= MAX_TRACKED_TENANTS) return undefined;
    const tenant = { name, total: new MoneySum(picoUsd), series: undefined };
    this.#tenants.set(name, tenant);
    return tenant;
  }

  /** Whether it is one of them, or becomes one. */
  #isDearest(tenant: Tenant): boolean {
    if (this.#dearest.has(tenant)) return true;
    if (this.#dearest.size < this.#top) this.#leastPicoUsd = 0;
    else if (!this.#overtake(tenant.total.exact)) return false;
    this.#dearest.add(tenant);
    return true;
  }

  /** Makes room by dropping the cheapest of the dearest, if it is cheaper than this. */
  #overtake(totalPicoUsd: number | bigint): boolean {
    if (totalPicoUsd <= this.#leastPicoUsd) return false;
    let cheapest: Tenant | undefined;
    this.#leastPicoUsd = totalPicoUsd;
    for (const tenant of this.#dearest) {
      const total = tenant.total.exact;
      if (total >= this.#leastPicoUsd) continue;
      cheapest = tenant;
      this.#leastPicoUsd = total;
    }
    return cheapest !== undefined && this.#dearest.delete(cheapest);
  }
}
