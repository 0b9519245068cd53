import type { EndpointPlan, Family } from './family.ts';

const JSON_HEADERS = { 'content-type': 'application/json' };
const json = (body: object) => ({ headers: JSON_HEADERS, body: JSON.stringify(body) });

const VECTOR = { object: 'embedding', embedding: [0.25, -0.5], index: 0 };

interface Answer {
  readonly data: readonly object[];
  readonly costUsd: number;
  readonly usage?: object;
  /** Where only one source states the price, or images are billed by something else. */
  readonly isEstimated?: boolean;
}

/** A list of what was asked for, and the tokens that it took. */
function list(operation: string, model: string, { data, costUsd, usage, isEstimated }: Answer): EndpointPlan {
  return {
    operation,
    model,
    whole: json({ object: 'list', data, model, usage: { ...usage, total_tokens: 1_000 } }),
    known: {
      usageStatus: 'complete',
      counts: { input: 1_000 },
      responseModel: model,
      costUsd,
      ...(isEstimated ? { costStatus: 'estimated' } : {}),
    },
  };
}

/** The `voyageai` package. USD per million tokens: 3.5 at 0.06, context-3 at 0.18, multimodal at 0.12, rerank at 0.05. */
export const voyage: Family = {
  name: 'voyage',
  package: 'voyageai',
  provider: 'voyage',
  versions: [
    { alias: 'voyage-0-0', version: '0.0.3' },
    { alias: 'voyage-0-4', version: '0.4.0' },
  ],
  endpoints: {
    embed: list('embeddings', 'voyage-3.5', { data: [VECTOR], costUsd: 0.00006 }),
    rerank: list('rerank', 'rerank-2.5', {
      data: [{ relevance_score: 0.9, index: 0 }],
      costUsd: 0.00005,
      isEstimated: true,
    }),
    multimodalEmbed: list('embeddings', 'voyage-multimodal-3', {
      data: [VECTOR],
      usage: { text_tokens: 400, image_pixels: 336_000 },
      costUsd: 0.00012,
      isEstimated: true,
    }),
    contextualizedEmbed: list('embeddings', 'voyage-context-3', {
      data: [{ object: 'list', data: [VECTOR], index: 0 }],
      costUsd: 0.00018,
    }),
  },
  writeError: (status) => json({ detail: `refused with ${status}` }),
};
