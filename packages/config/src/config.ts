import type { Budget } from '@costspan/budgets';
import type { PriceContract, PriceDiscount, PriceOverride, PriceTable } from '@costspan/pricing';
import { DEFAULT_TASK_SOURCES, type TaskSource, UNATTRIBUTED_FEATURE } from '@costspan/semconv';
import { DEFAULT_OUTCOME_RULES, type OutcomeRule } from './outcome-rule.js';

/** Where a call's feature may come from, in the order of the config; `scope` is `withFeature` of `@costspan/api`. */
export const FEATURE_SOURCES = ['scope', 'http.route', 'messaging.destination.name'] as const;
/** One of {@link FEATURE_SOURCES}. */
export type FeatureSource = (typeof FEATURE_SOURCES)[number];

/** `features:` */
export interface FeaturesConfig {
  readonly from: readonly FeatureSource[];
  /** Feature of a call that none of `from` names. */
  readonly default: string;
  /** A call of another emitter that names none waits so long at most for the spans around it. */
  readonly waitMs: number;
}

/** `tasks:` */
export interface TasksConfig {
  /** What a call's task is, the first that there is wins; `scope` is `withTask` of `@costspan/api`. */
  readonly from: readonly TaskSource[];
  /** A task without an outcome settles as `unknown` this long after its last span. */
  readonly settleAfterMs: number;
  /** A task with an outcome settles once no span of it has come for this long. */
  readonly settleQuietMs: number;
  /** In order, the first that matches decides; an outcome that the application states wins over all. */
  readonly outcome: readonly OutcomeRule[];
}

/** `prices:` what differs from the list prices; a `PriceContract` of `@costspan/pricing`, nothing absent. */
export interface PricesConfig extends PriceContract {
  readonly discounts: readonly PriceDiscount[];
  /** Deployment or alias name to the model that has a price. */
  readonly models: Readonly<Record<string, string>>;
  readonly overrides: readonly PriceOverride[];
  /** The file of `table`, as the config names it. */
  readonly tablePath?: string;
  /** What is in it, once `loadConfig` has read and checked it. */
  readonly table?: PriceTable;
}

/** `tenants:` which tenants get a series of their own; all others are summed in `other`. */
export interface TenantsConfig {
  readonly allow: readonly string[];
  /** Beside those, this many of the dearest. */
  readonly top: number;
}

/** `limits:` every bound of memory and input, by name; reaching one is a metric and never loses money. */
export interface LimitsConfig {
  /** Label sets of one metric; further ones go to `other`. */
  readonly seriesPerMetric: number;
  /** Bytes of one request body after decompression; a larger one gets 413. */
  readonly bodyBytes: number;
  /** Characters of one label value; longer ones are cut. */
  readonly labelChars: number;
  /** Attributes of one span whose names nobody knows beforehand; further ones are left out. */
  readonly spanAttributes: number;
  /** Events of one span that are read; further ones are left out. */
  readonly spanEvents: number;
  /** Tasks held open; beyond it the oldest settles. */
  readonly openTasks: number;
  /** Settled tasks that are remembered, for cost and outcomes that come late. */
  readonly settledTasks: number;
  /** How long a span is remembered, so that its second arrival is not counted. */
  readonly dedupeWindowMs: number;
  /** How many spans are remembered at most. */
  readonly dedupeSpans: number;
  /** Bytes that may wait to become durable; beyond them 503. */
  readonly queueBytes: number;
  /** Bytes of bodies that are being read; beyond them 503. */
  readonly inflightBytes: number;
  /** Of one client, by its token or else its address; beyond them 429. */
  readonly requestsPerSecond: number;
  /** How long a request may take to come; then its connection is cut. */
  readonly requestTimeoutMs: number;
  /** Threads of the processor that decode large bodies while the one that counts them is busy. */
  readonly decodeThreads: number;
}

/** `ledger:` how long what the processor keeps in `--data` stays apart by hour, by day and by month (UTC). */
export interface LedgerConfig {
  readonly hoursMs: number;
  readonly daysMs: number;
  readonly monthsMs: number;
  /** Where it is written instead of a file in `--data`. */
  readonly clickhouse?: ClickHouseConfig;
}

/** A ClickHouse, by its HTTP interface. */
export interface ClickHouseConfig {
  readonly url: string;
  readonly database: string;
  readonly user?: string;
  /** Environment variable that holds the password. */
  readonly passwordEnv?: string;
}

/** What a token is good for: spans and logs, outcomes, `/metrics` and the ledger. */
export const RIGHTS = ['ingest', 'outcomes', 'read'] as const;
/** One of {@link RIGHTS}. */
export type Right = (typeof RIGHTS)[number];

/** `access:` who gets into the processor; beyond the loopback somebody has to be named. */
export interface AccessConfig {
  readonly tokens: readonly TokenConfig[];
  readonly tls?: TlsConfig;
}

/** A token is in a file or an environment variable, never in the config itself. */
export interface TokenConfig {
  readonly name: string;
  readonly file?: string;
  readonly env?: string;
  readonly rights: readonly Right[];
}

/** Files, PEM. */
export interface TlsConfig {
  readonly cert: string;
  readonly key: string;
  /** Authority of the clients; with it only they get in. */
  readonly clientCa?: string;
}

/** The whole of `costspan.yaml`, checked, with defaults filled in. */
export interface Config {
  readonly features: FeaturesConfig;
  readonly tasks: TasksConfig;
  readonly prices: PricesConfig;
  readonly budgets: readonly Budget[];
  readonly tenants: TenantsConfig;
  readonly limits: LimitsConfig;
  readonly ledger: LedgerConfig;
  readonly access: AccessConfig;
}

/** What holds where no file says otherwise. */
export const DEFAULT_CONFIG: Config = {
  features: { from: FEATURE_SOURCES, default: UNATTRIBUTED_FEATURE, waitMs: 60_000 },
  tasks: {
    from: DEFAULT_TASK_SOURCES,
    settleAfterMs: 600_000,
    settleQuietMs: 5_000,
    outcome: DEFAULT_OUTCOME_RULES,
  },
  prices: { discounts: [], models: {}, overrides: [] },
  budgets: [],
  tenants: { allow: [], top: 20 },
  limits: {
    seriesPerMetric: 10_000,
    bodyBytes: 16 * 1024 * 1024,
    labelChars: 200,
    spanAttributes: 128,
    spanEvents: 128,
    openTasks: 200_000,
    settledTasks: 200_000,
    dedupeWindowMs: 3_600_000,
    dedupeSpans: 1_000_000,
    queueBytes: 64 * 1024 * 1024,
    inflightBytes: 256 * 1024 * 1024,
    requestsPerSecond: 10_000,
    requestTimeoutMs: 30_000,
    decodeThreads: 1,
  },
  ledger: { hoursMs: 45 * 86_400_000, daysMs: 400 * 86_400_000, monthsMs: 3_650 * 86_400_000 },
  access: { tokens: [] },
};
