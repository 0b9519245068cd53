import { createPricer } from '@costspan/pricing';
import { ATTR, DIALECT_ATTR } from '@costspan/semconv';
import { expect, it } from 'vitest';
import { type CallRecord, readCallRecord } from '../src/index.ts';
import { NOW_MS } from './records.ts';

const { price } = createPricer({
  contract: {
    discounts: [{ provider: 'openai', percent: 50 }],
    overrides: [
      { model: 'input-only', input: 1 },
      { model: 'dear', input: 1_000_000, output: 0 },
    ],
  },
});
const CHAT = {
  [ATTR.OPERATION_NAME]: 'chat',
  [ATTR.PROVIDER_NAME]: 'openai',
  [ATTR.REQUEST_MODEL]: 'gpt-5-mini',
};
const read = (attributes: Record<string, unknown>): CallRecord =>
  readCallRecord(
    {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      name: 'chat gpt-5-mini',
      kind: 'client',
      startMs: NOW_MS - 1_500,
      endMs: NOW_MS,
      hasErrorStatus: false,
      attributes: { ...CHAT, ...attributes },
      resource: { 'service.name': 'shop' },
      scopeName: 'another',
    },
    { price },
  )!;
/** What the record says of money, without what it does not say. */
function readMoney(attributes: Record<string, unknown>): Record<string, unknown> {
  const { costPicoUsd, costSource, listCostPicoUsd, localCostPicoUsd, cacheSavingsPicoUsd, ...rest } =
    read(attributes);
  const { unpricedReason, estimatedReason, mode } = rest;
  const amounts = { costPicoUsd, listCostPicoUsd, localCostPicoUsd, cacheSavingsPicoUsd };
  const all = { ...amounts, costSource, unpricedReason, estimatedReason, mode };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}
const CENT = 10_000_000_000;
const SAID = { [ATTR.USAGE_COST_AMOUNT]: 0.01 };
const STANDARD = { mode: 'standard' };
const TOLD = { costPicoUsd: CENT, costSource: 'local', ...STANDARD };
const tokens = (input: number | undefined, output: number) => ({
  ...(input !== undefined && { [ATTR.USAGE_INPUT_TOKENS]: input }),
  [ATTR.USAGE_OUTPUT_TOKENS]: output,
});

it.each([
  ['an amount', SAID, TOLD],
  ['nothing', { [ATTR.USAGE_COST_AMOUNT]: 0 }, { ...TOLD, costPicoUsd: 0 }],
  ['the most', { [ATTR.USAGE_COST_AMOUNT]: 9_000 }, { ...TOLD, costPicoUsd: 9_000e12 }],
  [
    'more than the most',
    { [ATTR.USAGE_COST_AMOUNT]: 9_000.01 },
    { unpricedReason: 'amount_over_limit', ...STANDARD },
  ],
  ['less than nothing', { [ATTR.USAGE_COST_AMOUNT]: -0.01 }, { unpricedReason: 'invalid_cost', ...STANDARD }],
  ['a text', { [ATTR.USAGE_COST_AMOUNT]: '0.01' }, { unpricedReason: 'invalid_cost', ...STANDARD }],
  [
    'another currency',
    { ...SAID, [ATTR.USAGE_COST_CURRENCY]: 'EUR' },
    { unpricedReason: 'foreign_currency', ...STANDARD },
  ],
  [
    'that it is the provider’s',
    { ...SAID, [ATTR.USAGE_COST_SOURCE]: 'provider' },
    { ...TOLD, costSource: 'provider' },
  ],
  [
    'that it is a part',
    { ...SAID, [ATTR.COST_STATUS]: 'partial', [ATTR.COST_REASON]: 'tool_rate_missing' },
    { ...TOLD, unpricedReason: 'tool_rate_missing' },
  ],
  [
    'that it is an estimate, without a reason',
    { ...SAID, [ATTR.COST_STATUS]: 'estimated' },
    { ...TOLD, estimatedReason: 'unstated' },
  ],
  [
    'what stands beside it',
    { ...SAID, [ATTR.COST_LIST]: 0.02, [ATTR.COST_LOCAL]: 0.03, [ATTR.CACHE_SAVINGS]: -0.01 },
    { ...TOLD, listCostPicoUsd: 2 * CENT, localCostPicoUsd: 3 * CENT, cacheSavingsPicoUsd: -CENT },
  ],
  [
    'what cannot stand beside it',
    { ...SAID, [ATTR.COST_LIST]: 9_001, [ATTR.COST_LOCAL]: -1, [ATTR.CACHE_SAVINGS]: -9_001 },
    TOLD,
  ],
])('of a call that says %s is taken as it is', (_, attributes, expected) => {
  expect(readMoney(attributes)).toEqual(expected);
});

it.each([
  [
    'with the list price beside a discount',
    tokens(1_000, 100),
    { costPicoUsd: 225_000_000, listCostPicoUsd: 450_000_000, costSource: 'local', ...STANDARD },
  ],
  [
    'as an estimate where a part of the usage is not told',
    tokens(undefined, 100),
    {
      costPicoUsd: 100_000_000,
      listCostPicoUsd: 200_000_000,
      costSource: 'local',
      estimatedReason: 'input_tokens_missing',
      ...STANDARD,
    },
  ],
  [
    'in part where a rate is missing',
    { ...tokens(1_000, 100), [ATTR.REQUEST_MODEL]: 'input-only' },
    { costPicoUsd: 1_000_000_000, costSource: 'local', unpricedReason: 'output_rate_missing', ...STANDARD },
  ],
  [
    'without an output that embeddings do not have',
    { ...tokens(1_000, 100), [ATTR.REQUEST_MODEL]: 'input-only', [ATTR.OPERATION_NAME]: 'embeddings' },
    { costPicoUsd: 1_000_000_000, costSource: 'local', ...STANDARD },
  ],
  ['of none where it used nothing that it tells', {}, { unpricedReason: 'no_usage', ...STANDARD }],
  ['of none, and owing no reason, where it failed before', { [ATTR.ERROR_TYPE]: 'APIError' }, STANDARD],
  [
    'owing a reason where it was aborted',
    { [ATTR.ERROR_TYPE]: 'AbortError' },
    { unpricedReason: 'no_usage', ...STANDARD },
  ],
  [
    'of none where it counted less than nothing',
    tokens(-1, 100),
    { unpricedReason: 'invalid_usage', ...STANDARD },
  ],
])('of a call that says none is by the table: %s', (_, attributes, expected) => {
  expect(readMoney(attributes)).toEqual(expected);
});

it('of a call that stands for several is theirs, an estimate, and of none where that is too much', () => {
  const sampled = { [DIALECT_ATTR.SAMPLE_RATE]: 100 };
  const beside = { [ATTR.COST_LIST]: 0.02, [ATTR.CACHE_SAVINGS]: -0.01 };
  expect(readMoney({ ...SAID, ...beside, ...sampled })).toEqual({
    ...TOLD,
    costPicoUsd: 100 * CENT,
    listCostPicoUsd: 200 * CENT,
    cacheSavingsPicoUsd: -100 * CENT,
    estimatedReason: 'sampled',
  });
  expect(readMoney({ [ATTR.USAGE_COST_AMOUNT]: 90, ...sampled })).toMatchObject({ costPicoUsd: 9_000e12 });
  expect(readMoney({ [ATTR.USAGE_COST_AMOUNT]: 90.01, ...sampled })).toEqual({
    unpricedReason: 'amount_over_limit',
    ...STANDARD,
  });
});

it.each([
  ['parts that a total contains are taken out of it', [100, 30, 20, 50, 40], [50, 30, 20, 10, 40]],
  ['parts that are more than the total leave nothing of it', [10, 30, 20, 5, 40], [0, 30, 20, 0, 40]],
  ['what is not told is none', [undefined, 30, undefined, undefined, undefined], [0, 30, 0, 0, 0]],
  ['reasoning alone is told', [undefined, undefined, undefined, undefined, 7], [0, 0, 0, 0, 7]],
])('of the tokens of a call %s', (_, told, [input, cacheRead, cacheWrite, output, reasoning]) => {
  const names = [
    ATTR.USAGE_INPUT_TOKENS,
    ATTR.USAGE_CACHE_READ_INPUT_TOKENS,
    ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS,
    ATTR.USAGE_OUTPUT_TOKENS,
    ATTR.USAGE_REASONING_OUTPUT_TOKENS,
  ];
  const entries = names.map((name, index) => [name, told[index]] as const);
  const attributes = Object.fromEntries(entries.filter(([, value]) => value !== undefined));
  expect(read(attributes).tokens).toEqual({ input, cacheRead, cacheWrite, output, reasoning });
});

it('everything that a call says of its usage reaches the price, and ints that are sent as text', () => {
  let asked: unknown;
  readCallRecord(
    {
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      name: 'chat',
      kind: 'client',
      startMs: NOW_MS,
      endMs: NOW_MS,
      hasErrorStatus: false,
      attributes: {
        ...CHAT,
        [ATTR.USAGE_INPUT_TOKENS]: '100000',
        [ATTR.USAGE_OUTPUT_TOKENS]: '9'.repeat(16),
        [ATTR.USAGE_CACHE_READ_INPUT_TOKENS]: 10,
        [ATTR.USAGE_CACHE_WRITE_INPUT_TOKENS]: 20,
        [ATTR.USAGE_CACHE_WRITE_1H_INPUT_TOKENS]: 15,
        [ATTR.USAGE_CONTEXT_INPUT_TOKENS]: 300_000,
        [ATTR.USAGE_IMAGE_INPUT_TOKENS]: 3,
        [ATTR.USAGE_UNIT_VARIANT]: 'hd 1024x1792',
        'costspan.usage.web_search.requests': 2,
      },
      resource: {},
      scopeName: 'another',
    },
    {
      price: (usage, query) => {
        asked = usage;
        return price(usage, query);
      },
    },
  );
  expect(asked).toEqual({
    inputTokens: 100_000,
    cacheReadInputTokens: 10,
    cacheWriteInputTokens: 20,
    cacheWriteByTtl: { '1h': 15 },
    contextInputTokens: 300_000,
    input: { image: 3 },
    unitVariant: 'hd 1024x1792',
    toolRequests: { web_search: 2 },
  });
});
