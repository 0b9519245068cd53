import {
  type Bill,
  type BillSource,
  type Fields,
  malformed,
  readAmount,
  readCount,
  readDay,
  readItems,
  readName,
  readPages,
} from './bill.js';

const DAY_MS = 86_400_000;

function readActivity(pages: readonly Fields[]): Bill {
  const items = pages.flatMap((page) => {
    if (!Array.isArray(page.data)) throw malformed('data is missing');
    return readItems(page.data);
  });
  const read = (item: Fields) => ({ day: readDay(item.date), model: readName(item.model) ?? 'unknown' });
  return {
    lines: items.map((item) => ({
      ...read(item),
      item: [readName(item.model), readName(item.provider_name)].filter(Boolean).join(' at '),
      picoUsd: readAmount(item.usage ?? 0),
    })),
    usage: items.map((item) => ({
      ...read(item),
      tokens: readCount(item.prompt_tokens) + readCount(item.completion_tokens),
    })),
  };
}

/** `GET /api/v1/activity`, day by day, with a management key; it goes back 30 days. */
export const openrouter: BillSource = {
  provider: 'openrouter',
  api: { baseUrl: 'https://openrouter.ai', keyVariable: 'OPENROUTER_API_KEY' },
  async fetch(api, { fromMs, toMs }) {
    const pages: Fields[] = [];
    for (let dayMs = fromMs; dayMs < toMs; dayMs += DAY_MS) {
      const date = new Date(dayMs).toISOString().slice(0, 10);
      pages.push(await api.get('/api/v1/activity', [['date', date]], { authorization: `Bearer ${api.key}` }));
    }
    return readActivity(pages);
  },
  readFile(content) {
    if (content.kind === 'json') return readActivity(readPages(content.value));
    return readActivity([
      {
        data: content.rows.map((row) => ({
          ...row,
          date: row.date ?? row.created_at,
          model: row.model ?? row.model_permaslug,
          usage: row.usage ?? row.cost_total,
          prompt_tokens: row.prompt_tokens ?? row.tokens_prompt,
          completion_tokens: row.completion_tokens ?? row.tokens_completion,
        })),
      },
    ]);
  },
};
