import {
  type Bill,
  type BillLine,
  type BillSource,
  type BillUsage,
  checkCurrency,
  type Fields,
  fetchPages,
  malformed,
  readAmount,
  readCount,
  readDay,
  readFields,
  readItems,
  readName,
  readPages,
} from './bill.js';

/** The API reports cents, as text. */
const CENTS_PER_USD = 100;
const VERSION = '2023-06-01';

function readCosts(pages: readonly Fields[]): BillLine[] {
  return pages.flatMap((page) => {
    if (!Array.isArray(page.data)) throw malformed('data is missing');
    return readItems(page.data).flatMap((bucket) =>
      readItems(bucket.results).map((result) => {
        checkCurrency(result.currency);
        const model = readName(result.model);
        return {
          day: readDay(bucket.starting_at),
          item: readName(result.description) ?? readName(result.cost_type) ?? 'all',
          ...(model === undefined ? {} : { model }),
          picoUsd: readAmount(result.amount, CENTS_PER_USD),
        };
      }),
    );
  });
}

function readUsage(pages: readonly Fields[]): BillUsage[] {
  return pages.flatMap((page) =>
    readItems(page.data).flatMap((bucket) =>
      readItems(bucket.results).flatMap((result) => {
        const model = readName(result.model);
        const created = readFields(result.cache_creation);
        const tokens =
          readCount(result.uncached_input_tokens) +
          readCount(result.cache_read_input_tokens) +
          readCount(created.ephemeral_5m_input_tokens) +
          readCount(created.ephemeral_1h_input_tokens) +
          readCount(result.output_tokens);
        return model === undefined ? [] : [{ day: readDay(bucket.starting_at), model, tokens }];
      }),
    ),
  );
}

/** `GET /v1/organizations/cost_report` and `usage_report/messages`, with an admin key. */
export const anthropic: BillSource = {
  provider: 'anthropic',
  api: { baseUrl: 'https://api.anthropic.com', keyVariable: 'ANTHROPIC_ADMIN_KEY' },
  async fetch(api, { fromMs, toMs }): Promise<Bill> {
    const headers = { 'x-api-key': api.key, 'anthropic-version': VERSION };
    const period = [
      ['starting_at', new Date(fromMs).toISOString()],
      ['ending_at', new Date(toMs).toISOString()],
      ['bucket_width', '1d'],
      ['limit', '31'],
    ] as const;
    const ask = (path: string, groupBy: string) =>
      fetchPages(api, path, { query: [...period, ['group_by[]', groupBy]], headers });
    const costs = await ask('/v1/organizations/cost_report', 'description');
    const usage = await ask('/v1/organizations/usage_report/messages', 'model');
    return { lines: readCosts(costs), usage: readUsage(usage) };
  },
  readFile(content) {
    if (content.kind === 'json') return { lines: readCosts(readPages(content.value)) };
    return {
      lines: content.rows.map((row) => {
        const model = readName(row.model);
        return {
          day: readDay(row.usage_date_utc ?? row.date),
          item: [row.usage_type, row.token_type ?? row.cost_type].filter((part) => part).join(' ') || 'all',
          ...(model === undefined ? {} : { model }),
          picoUsd: readAmount(row.cost_usd ?? row.cost),
        };
      }),
    };
  },
};
