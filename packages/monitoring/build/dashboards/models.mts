import { SPEND_SERIES, SPEND_THRESHOLD } from '@costspan/monitoring';
import { METRIC } from '@costspan/semconv';
import { buildBoard } from './board.mts';
import { graphTile, pieTile, statTile, UNIT } from './panel.mts';
import { CALL_VARIABLES, inRange, orZero, quantile, rate, rateOver, ratio, scoped, sum } from './scope.mts';
import { tableTile } from './table.mts';

const MODEL = ['model'];
const NAME = '{{model}}';
const READ = { token_type: '=cache_read' } as const;
const INPUT = { token_type: '=~input|cache_read|cache_write' } as const;
const hits = (by: readonly string[], read: typeof inRange) =>
  ratio(
    orZero(sum(by, read(METRIC.TOKENS, READ)), sum(by, read(METRIC.TOKENS, INPUT))),
    sum(by, read(METRIC.TOKENS, INPUT)),
  );
const retries = (by: readonly string[], read: typeof inRange) =>
  ratio(orZero(sum(by, read(METRIC.RETRIES)), sum(by, read(METRIC.CALLS))), sum(by, read(METRIC.CALLS)));
const unitCost = (by: readonly string[], read: typeof inRange) =>
  `1e6 * ${ratio(sum(by, read(METRIC.COST)), sum(by, read(METRIC.TOKENS)))}`;
const RETRIES = { thresholds: [[SPEND_THRESHOLD.retries.perCall, 'red']] } as const;

const numbers = [
  statTile({
    title: 'Cost per million tokens',
    description: 'What a million tokens really took, all models and all kinds of token together.',
    unit: UNIT.usd,
    width: 6,
    targets: [{ expr: unitCost([], inRange), legend: 'per million', isInstant: true }],
  }),
  statTile({
    title: 'Input read from caches',
    description: "Share of the input that came from the providers' caches.",
    unit: UNIT.share,
    decimals: 1,
    width: 6,
    targets: [{ expr: hits([], inRange), legend: 'cached', isInstant: true }],
  }),
  statTile({
    title: 'Saved by caches',
    description: 'What cached input would have cost uncached, less what it cost, writing it included.',
    unit: UNIT.usd,
    width: 6,
    targets: [{ expr: sum([], inRange(METRIC.CACHE_SAVINGS)), legend: 'saved', isInstant: true }],
  }),
  statTile({
    title: 'Retries',
    description:
      'Retries for each call, all models together. LLMRetryStorm looks at each model over ten minutes.',
    unit: UNIT.times,
    decimals: 3,
    width: 6,
    base: 'green',
    ...RETRIES,
    targets: [{ expr: retries([], inRange), legend: 'per call', isInstant: true }],
  }),
];

const spend = [
  graphTile({
    title: 'Spend by model',
    description: 'USD per hour, one model on top of the other.',
    unit: UNIT.usd,
    width: 16,
    isStacked: true,
    targets: [{ expr: `3600 * ${sum(MODEL, rate(METRIC.COST))}`, legend: NAME }],
  }),
  pieTile({
    title: 'Price modes',
    description: 'Cost by what was asked for: standard, batch, flex, priority, fast.',
    unit: UNIT.usd,
    width: 8,
    targets: [{ expr: sum(['mode'], inRange(METRIC.COST)), legend: '{{mode}}' }],
  }),
];

const caching = [
  graphTile({
    title: 'Cache hit rate',
    description:
      'Share of the input that was read from a cache, over the hour before. LLMCacheHitRateFallen fires at half of a week ago, by model too.',
    unit: UNIT.share,
    width: 8,
    max: 1,
    targets: [
      {
        expr: ratio(
          sum(['feature'], `${scoped(SPEND_SERIES.cacheHit)} * ${scoped(SPEND_SERIES.inputTokens)}`),
          sum(['feature'], scoped(SPEND_SERIES.inputTokens)),
        ),
        legend: '{{feature}}',
      },
    ],
  }),
  graphTile({
    title: 'Cache savings',
    description: 'USD per hour that caching saved, by feature.',
    unit: UNIT.usd,
    width: 8,
    isStacked: true,
    targets: [{ expr: `3600 * ${sum(['feature'], rate(METRIC.CACHE_SAVINGS))}`, legend: '{{feature}}' }],
  }),
  graphTile({
    title: 'Tokens by kind',
    description: 'Tokens per second; the kinds are a partition, so the whole is all tokens.',
    unit: UNIT.perSecond,
    width: 8,
    isStacked: true,
    targets: [{ expr: sum(['token_type'], rate(METRIC.TOKENS)), legend: '{{token_type}}' }],
  }),
];

const speed = [
  graphTile({
    title: 'Retries per call',
    description: 'Retries for each call in ten minutes, by model. LLMRetryStorm pages above the line.',
    unit: UNIT.times,
    width: 8,
    hasThresholdLines: true,
    ...RETRIES,
    targets: [{ expr: retries(MODEL, rateOver('10m')), legend: NAME }],
  }),
  graphTile({
    title: 'Duration, 95th of 100',
    description:
      'What 95 of 100 calls of the hour before took at most, by model. Points open the trace of a slow and dear call.',
    unit: UNIT.seconds,
    width: 8,
    targets: [
      {
        expr: quantile(0.95, MODEL, { metric: METRIC.CALL_DURATION, read: rateOver('1h') }),
        legend: NAME,
        hasExemplars: true,
      },
    ],
  }),
  graphTile({
    title: 'First chunk, 95th of 100',
    description:
      'After how long 95 of 100 streamed calls of the hour before had their first chunk, by model.',
    unit: UNIT.seconds,
    width: 8,
    targets: [
      {
        expr: quantile(0.95, MODEL, { metric: METRIC.TIME_TO_FIRST_CHUNK, read: rateOver('1h') }),
        legend: NAME,
      },
    ],
  }),
];

const all = [
  tableTile({
    title: 'Latency against cost',
    description: 'Each model in the time that is shown: what it costs, how slow it is, how often it fails.',
    width: 24,
    sortBy: 'Cost',
    rows: [{ label: 'model', title: 'Model', width: 260 }],
    columns: [
      { title: 'Cost', expr: sum(MODEL, inRange(METRIC.COST)), unit: UNIT.usd, isBar: true },
      { title: 'Calls', expr: sum(MODEL, inRange(METRIC.CALLS)), unit: UNIT.count, decimals: 0 },
      {
        title: 'Cost per call',
        expr: ratio(sum(MODEL, inRange(METRIC.COST)), sum(MODEL, inRange(METRIC.CALLS))),
        unit: UNIT.usd,
      },
      { title: 'Per million tokens', expr: unitCost(MODEL, inRange), unit: UNIT.usd },
      { title: 'Input cached', expr: hits(MODEL, inRange), unit: UNIT.share, decimals: 1 },
      {
        title: 'Duration, median',
        expr: quantile(0.5, MODEL, { metric: METRIC.CALL_DURATION, read: inRange }),
        unit: UNIT.seconds,
        decimals: 2,
      },
      {
        title: 'Duration, 95th',
        expr: quantile(0.95, MODEL, { metric: METRIC.CALL_DURATION, read: inRange }),
        unit: UNIT.seconds,
        decimals: 2,
      },
      {
        title: 'Retries per call',
        expr: retries(MODEL, inRange),
        unit: UNIT.times,
        decimals: 3,
        base: 'text',
        ...RETRIES,
      },
      {
        title: 'Not ok',
        expr: ratio(
          orZero(sum(MODEL, inRange(METRIC.CALLS, { status: '!=ok' })), sum(MODEL, inRange(METRIC.CALLS))),
          sum(MODEL, inRange(METRIC.CALLS)),
        ),
        unit: UNIT.share,
        decimals: 1,
      },
    ],
  }),
];

export const models = () =>
  buildBoard({
    board: 'models',
    title: 'Models and caching',
    description: 'What each model costs and how it behaves, what caches save, what is retried.',
    variables: CALL_VARIABLES,
    lines: [numbers, spend, caching, speed, all],
  });
