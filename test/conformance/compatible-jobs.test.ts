/** What Together's and Perplexity's SDKs have beside OpenAI's endpoints: reranking, and completions that are waited for. */
import type { ProviderRequest, Reply } from '@costspan/testkit';
import { describe, expect, it } from 'vitest';
import { runProgram } from './app-run.ts';

const RERANKED = {
  id: 'rerank-1',
  object: 'rerank',
  model: 'Salesforce/Llama-Rank-v1',
  results: [{ index: 1, relevance_score: 0.9, document: { text: 'b' } }],
  usage: { prompt_tokens: 1_000, completion_tokens: 0, total_tokens: 1_000 },
};
const ANSWER = {
  id: 'answer-1',
  object: 'chat.completion',
  model: 'sonar',
  created: 1_790_000_000,
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'canary' } }],
  usage: {
    prompt_tokens: 1_000,
    completion_tokens: 100,
    total_tokens: 1_100,
    cost: { input_tokens_cost: 0.001, output_tokens_cost: 0.0001, total_cost: 0.0061 },
  },
};

/** The job is done when it is asked for the second time. */
function createScript() {
  let polls = 0;
  return ({ path, method }: ProviderRequest): Reply => {
    if (path.includes('rerank')) return { kind: 'bytes', chunks: [JSON.stringify(RERANKED)] };
    if (method === 'GET') polls += 1;
    const isDone = polls > 1;
    const job = {
      id: 'job-1',
      model: 'sonar',
      created_at: 1_790_000_000,
      status: isDone ? 'COMPLETED' : 'IN_PROGRESS',
      response: isDone ? ANSWER : null,
    };
    return { kind: 'bytes', chunks: [JSON.stringify(job)] };
  };
}

const KEYS = [
  'gen_ai.response.id',
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.cost.amount',
  'costspan.cost.status',
];

describe.each([
  ['together-0', 'perplexity-0-11'],
  ['together-0', 'perplexity-0'],
])('%s, %s', (together, perplexity) => {
  it('records the reranking, and the completion once, when it is there', async () => {
    const [bare, recorded] = await Promise.all(
      [false, true].map((hasPreload) =>
        runProgram('compatible-jobs.mjs', [together, perplexity], { hasPreload, script: createScript() }),
      ),
    );
    expect(bare?.stderr).toBe('');
    expect(recorded?.transcript).toEqual(bare?.transcript);
    expect(bare?.transcript.size).toBe(1);
    const rows = recorded?.spans
      .filter(({ name }) => name !== 'fetch_response')
      .map(({ name, attributes }) => [name, ...KEYS.map((key) => attributes[key])]);
    expect(rows?.sort()).toEqual([
      // What Perplexity says that it costs is what is billed.
      ['chat sonar', 'job-1', 1_000, 0.0061, 'priced'],
      // 0.10 USD a million, of one source.
      ['rerank Salesforce/Llama-Rank-v1', 'rerank-1', 1_000, 0.0001, 'estimated'],
    ]);
    const asked = recorded?.spans.filter(({ name }) => name === 'fetch_response') ?? [];
    expect(asked.map(({ attributes }) => attributes['gen_ai.usage.cost.amount'])).toEqual(
      new Array(3).fill(undefined),
    );
    expect(JSON.stringify(recorded?.spans)).not.toContain('canary');
  });
});
