import { BUDGET_PERIODS, BUDGET_SHAPES, type Budget, type BudgetMatch } from '@costspan/budgets';
import { OUTCOMES, TASK_SOURCES } from '@costspan/semconv';
import { ACCESS } from './access-shape.js';
import { list, object, optional, required, withDefault } from './collections.js';
import { type Config, DEFAULT_CONFIG, FEATURE_SOURCES } from './config.js';
import { outcomeRules } from './outcome-shape.js';
import { PRICES } from './prices-shape.js';
import { duration, number, oneOf, text, timeZone, url } from './scalars.js';
import { convert, type Place, placeWithin, refine, report, type Shape } from './shape.js';

const DAY_MS = 86_400_000;
const { features, tasks, prices, tenants, limits, ledger, access } = DEFAULT_CONFIG;

const FEATURES = convert(
  object({
    from: withDefault(
      list(oneOf(FEATURE_SOURCES)),
      features.from,
      'Where the feature of a call comes from, the first that names one wins.',
    ),
    default: withDefault(text('unattributed'), features.default, 'Feature of a call that nothing names.'),
    wait: withDefault(
      duration('1m', { minimumMs: 0, maximumMs: 3_600_000 }),
      features.waitMs,
      'How long a call of another emitter that names none waits for the spans around it. Default 1m.',
    ),
  }),
  ({ from, default: byDefault, wait }) => ({ from, default: byDefault, waitMs: wait }),
);

const TASKS = convert(
  object({
    from: withDefault(
      list(oneOf(TASK_SOURCES)),
      tasks.from,
      'What a call belongs to, the first that there is wins. Default [scope, http, messaging, job].',
    ),
    settle_after: withDefault(
      duration('10m', { minimumMs: 1000, maximumMs: 30 * DAY_MS }),
      tasks.settleAfterMs,
      'A task without an outcome settles as unknown this long after its last span. Default 10m.',
    ),
    settle_quiet: withDefault(
      duration('5s', { minimumMs: 0, maximumMs: DAY_MS }),
      tasks.settleQuietMs,
      'A task with an outcome settles after this long without a span. Default 5s.',
    ),
    outcome: withDefault(
      outcomeRules(OUTCOMES),
      tasks.outcome,
      'What a finished request means, first match decides. Replaces the default rules.',
    ),
  }),
  ({ from, settle_after, settle_quiet, outcome }) => ({
    from,
    settleAfterMs: settle_after,
    settleQuietMs: settle_quiet,
    outcome,
  }),
);

const MATCH = convert(
  object({
    feature: optional(text('support-chat'), 'Feature of the call.'),
    service: optional(text('shop'), 'service.name of the process.'),
    tenant: optional(text('acme'), 'Customer.'),
    user_tier: optional(text('free'), 'Plan of the user.'),
    provider: optional(text('openai'), 'Provider.'),
    model: optional(text('gpt-5'), 'Model.'),
    task: optional(text('resolve-ticket'), 'Name of the task.'),
  }),
  ({ user_tier, ...same }): BudgetMatch => ({
    ...same,
    ...(user_tier !== undefined && { userTier: user_tier }),
  }),
);

const BUDGET: Shape<Budget> = convert(
  object({
    name: required(text('support'), 'Unique; the label budget of metrics and alerts.'),
    match: withDefault(
      MATCH,
      {},
      'Which calls count: all that are equal in every key. Without it, every call.',
    ),
    limit_usd: required(
      number(1200, { minimum: 0.000001, maximum: 1_000_000_000, decimals: 6 }),
      'What the calls may cost in one period, USD.',
    ),
    period: required(oneOf(BUDGET_PERIODS), 'Calendar period; a week starts on Monday.'),
    timezone: withDefault(
      timeZone('Europe/Berlin'),
      'UTC',
      'Where the midnight of the period is. Default UTC.',
    ),
    shape: optional(
      oneOf(BUDGET_SHAPES),
      'How it is spent. Alerts compare batch with the same hour of past weeks, not with an even pace. Default steady.',
    ),
  }),
  ({ limit_usd, shape, ...same }) => ({
    ...same,
    limitPicoUsd: picoUsd(limit_usd),
    ...(shape !== undefined && { shape }),
  }),
);

/** Whole micro-dollars, so that 0.1 is 0.1: up to the largest limit the product is an exact integer. */
const picoUsd = (usd: number): bigint => BigInt(Math.round(usd * 1_000_000)) * 1_000_000n;

/** A budget is known by its name everywhere, so a second one of the name is an error at its own place. */
function reportDuplicates(budgets: readonly Budget[], place: Place): void {
  const seen = new Map<string, number>();
  for (const [index, { name }] of budgets.entries()) {
    const first = seen.get(name);
    seen.set(name, first ?? index);
    if (first === undefined) continue;
    report(placeWithin(place, [index, 'name']), {
      code: 'COSTSPAN_CONFIG_DUPLICATE_NAME',
      message: `${JSON.stringify(name)} is the name of ${place.path}[${first}] too`,
      fix: `rename one of them, for example ${name}-2`,
    });
  }
}

const TENANTS = object({
  allow: withDefault(list(text('acme')), tenants.allow, 'Tenants that always have a series of their own.'),
  top: withDefault(
    number(20, { minimum: 0, maximum: 1000, decimals: 0 }),
    tenants.top,
    'How many of the dearest other tenants have one too. Default 20.',
  ),
});

const count = (example: number, maximum: number) => number(example, { minimum: 1, maximum, decimals: 0 });

const LIMITS = convert(
  object({
    series_per_metric: withDefault(
      count(10_000, 1_000_000),
      limits.seriesPerMetric,
      'Label sets of one metric; the money of further ones goes to the label value other. Default 10000.',
    ),
    body_bytes: withDefault(
      number(16_777_216, { minimum: 1024, maximum: 1_073_741_824, decimals: 0 }),
      limits.bodyBytes,
      'Bytes of a request body after decompression; a larger one gets 413. Default 16777216.',
    ),
    label_chars: withDefault(
      number(200, { minimum: 16, maximum: 10_000, decimals: 0 }),
      limits.labelChars,
      'Characters of a label value; a longer one is cut. Default 200.',
    ),
    span_attributes: withDefault(
      count(128, 10_000),
      limits.spanAttributes,
      'Attributes of one span with names of its own (costspan.usage.<tool>.requests); further ones are left out. Default 128.',
    ),
    span_events: withDefault(
      count(128, 10_000),
      limits.spanEvents,
      'Exceptions and evaluations on one span; further ones are left out. Default 128.',
    ),
    open_tasks: withDefault(
      count(200_000, 10_000_000),
      limits.openTasks,
      'Tasks held in memory; beyond it the oldest one settles. Default 200000.',
    ),
    settled_tasks: withDefault(
      number(200_000, { minimum: 0, maximum: 10_000_000, decimals: 0 }),
      limits.settledTasks,
      'Settled tasks that are remembered for late cost and outcomes; beyond it the oldest is forgotten. Default 200000.',
    ),
    dedupe_window: withDefault(
      duration('1h', { minimumMs: 1000, maximumMs: 7 * DAY_MS }),
      limits.dedupeWindowMs,
      'How long a span is remembered, so that it counts once. Default 1h.',
    ),
    dedupe_spans: withDefault(
      count(1_000_000, 100_000_000),
      limits.dedupeSpans,
      'How many spans are remembered at most. Default 1000000.',
    ),
    queue_bytes: withDefault(
      number(67_108_864, { minimum: 1_048_576, maximum: 4_294_967_296, decimals: 0 }),
      limits.queueBytes,
      'Bytes that may wait for the disk of --data; beyond them requests get 503. Default 67108864.',
    ),
    inflight_bytes: withDefault(
      number(268_435_456, { minimum: 1_048_576, maximum: 17_179_869_184, decimals: 0 }),
      limits.inflightBytes,
      'Bytes of request bodies that are being read; beyond them requests get 503. Default 268435456.',
    ),
    requests_per_second: withDefault(
      count(10_000, 1_000_000),
      limits.requestsPerSecond,
      'Requests of one client, by its token or else its address; beyond them 429. Default 10000.',
    ),
    request_timeout: withDefault(
      duration('30s', { minimumMs: 1000, maximumMs: 600_000 }),
      limits.requestTimeoutMs,
      'How long a request may take to come; then its connection is cut. Default 30s.',
    ),
    decode_threads: withDefault(
      number(1, { minimum: 0, maximum: 16, decimals: 0 }),
      limits.decodeThreads,
      'Threads that decode large bodies while the one that counts them is busy. Default 1.',
    ),
  }),
  (raw) => ({
    seriesPerMetric: raw.series_per_metric,
    bodyBytes: raw.body_bytes,
    labelChars: raw.label_chars,
    spanAttributes: raw.span_attributes,
    spanEvents: raw.span_events,
    openTasks: raw.open_tasks,
    settledTasks: raw.settled_tasks,
    dedupeWindowMs: raw.dedupe_window,
    dedupeSpans: raw.dedupe_spans,
    queueBytes: raw.queue_bytes,
    inflightBytes: raw.inflight_bytes,
    requestsPerSecond: raw.requests_per_second,
    requestTimeoutMs: raw.request_timeout,
    decodeThreads: raw.decode_threads,
  }),
);

const days = (example: string) => duration(example, { minimumMs: DAY_MS, maximumMs: 36_500 * DAY_MS });

const CLICKHOUSE = convert(
  object({
    url: required(url('http://127.0.0.1:8123'), 'Its HTTP interface.'),
    database: withDefault(text('costspan'), 'costspan', 'Where entries.sql was run. Default costspan.'),
    user: optional(text('costspan'), 'Who writes and reads.'),
    password_env: optional(text('CLICKHOUSE_PASSWORD'), 'Environment variable that holds the password.'),
  }),
  ({ password_env: passwordEnv, ...own }) => ({
    ...own,
    ...(passwordEnv === undefined ? {} : { passwordEnv }),
  }),
);

const LEDGER = convert(
  object({
    hours: withDefault(
      days('45d'),
      ledger.hoursMs,
      'Hours stay apart so long, then they become days. Default 45d.',
    ),
    days: withDefault(
      days('400d'),
      ledger.daysMs,
      'Days stay apart so long, then they become months. Default 400d.',
    ),
    months: withDefault(days('3650d'), ledger.monthsMs, 'Months are kept so long. Default 3650d.'),
    clickhouse: optional(CLICKHOUSE, 'Where the ledger is written instead of a file in --data.'),
  }),
  ({ hours, days: daysMs, months, clickhouse }) => ({
    hoursMs: hours,
    daysMs,
    monthsMs: months,
    ...(clickhouse === undefined ? {} : { clickhouse }),
  }),
);

/** The one description of `costspan.yaml`: parser, errors and JSON Schema all come from here. */
export const COSTSPAN_YAML: Shape<Config> = object({
  features: withDefault(FEATURES, features, 'Which product feature a call serves.'),
  tasks: withDefault(TASKS, tasks, 'When a task is over and what it came to.'),
  prices: withDefault(PRICES, prices, 'What differs from the list prices.'),
  budgets: withDefault(refine(list(BUDGET), reportDuplicates), [], 'What calls may cost.'),
  tenants: withDefault(
    TENANTS,
    tenants,
    'Which tenants have a series of their own; all others are in other.',
  ),
  limits: withDefault(
    LIMITS,
    limits,
    'Bounds of memory and input. Reaching one is a metric and loses no money.',
  ),
  ledger: withDefault(LEDGER, ledger, 'How long the processor keeps cost by hour, by day and by month.'),
  access: withDefault(ACCESS, access, 'Who gets in. Beyond the loopback it must say so.'),
});
