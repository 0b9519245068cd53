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

const seconds = (ms: number): string => String(Math.floor(ms / 1000));

/** `gpt-4o-2024-08-06, cached input` is for a model; `web search` and `code interpreter` are not. */
function readModel(item: string): string | undefined {
  const [name = ''] = item.split(', ', 1);
  return item.includes(', ') ||
    /^(?:ft:|gpt-|o\d|chatgpt|text-|whisper|tts|dall-e|sora|computer-use|codex|davinci|babbage)/.test(name)
    ? name
    : undefined;
}

function readCosts(pages: readonly Fields[]): BillLine[] {
  return pages.flatMap((page) => {
    if (!Array.isArray(page.data)) throw malformed('data is missing');
    return readItems(page.data).flatMap((bucket) =>
      readItems(bucket.results).map((result) => {
        const { value, currency } = readFields(result.amount);
        checkCurrency(currency);
        const item = readName(result.line_item) ?? 'all';
        const model = readModel(item);
        return {
          day: readDay(bucket.start_time),
          item,
          ...(model === undefined ? {} : { model }),
          picoUsd: readAmount(value ?? 0),
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
        const tokens = readCount(result.input_tokens) + readCount(result.output_tokens);
        return model === undefined ? [] : [{ day: readDay(bucket.start_time), model, tokens }];
      }),
    ),
  );
}

/** `GET /v1/organization/costs` and the usage pages, with an admin key. */
export const openai: BillSource = {
  provider: 'openai',
  api: { baseUrl: 'https://api.openai.com', keyVariable: 'OPENAI_ADMIN_KEY' },
  async fetch(api, { fromMs, toMs }): Promise<Bill> {
    const headers = { authorization: `Bearer ${api.key}` };
    const period = [
      ['start_time', seconds(fromMs)],
      ['end_time', seconds(toMs)],
      ['bucket_width', '1d'],
      ['limit', '31'],
    ] as const;
    const ask = (path: string, groupBy: string) =>
      fetchPages(api, path, { query: [...period, ['group_by', groupBy]], headers });
    const costs = await ask('/v1/organization/costs', 'line_item');
    const completions = await ask('/v1/organization/usage/completions', 'model');
    const embeddings = await ask('/v1/organization/usage/embeddings', 'model');
    return { lines: readCosts(costs), usage: readUsage([...completions, ...embeddings]) };
  },
  readFile(content) {
    if (content.kind === 'json') return { lines: readCosts(readPages(content.value)) };
    return {
      lines: content.rows.map((row) => {
        checkCurrency(row.amount_currency ?? row.currency);
        const item = readName(row.line_item) ?? readName(row.name) ?? 'all';
        const model = readName(row.model) ?? readModel(item);
        return {
          day: readDay(row.start_time_iso ?? row.date ?? row.start_time),
          item,
          ...(model === undefined ? {} : { model }),
          picoUsd: readAmount(row.amount_value ?? row.amount ?? row.cost),
        };
      }),
    };
  },
};
