/** Work that is ordered and asked for until it is done: one call, billed once, when it is. */
import type { ProviderRequest, Reply } from '@costspan/testkit';
import { expect, it } from 'vitest';
import { runProgram } from './app-run.ts';

function createScript() {
  const polls = new Map<string, number>();
  return ({ path, method }: ProviderRequest): Reply => {
    const asked = polls.get(path) ?? 0;
    polls.set(path, asked + 1);
    const isDone = method === 'GET' && asked > 0;
    if (path.includes('evals')) return { kind: 'bytes', chunks: [JSON.stringify(writeEvalRun(isDone))] };
    const body = path.includes('videos')
      ? {
          id: 'video_1',
          object: 'video',
          model: 'sora-2',
          seconds: '8',
          size: '720x1280',
          status: isDone ? 'completed' : 'queued',
        }
      : {
          id: 'ftjob_1',
          object: 'fine_tuning.job',
          model: 'gpt-4o-mini-2024-07-18',
          status: isDone ? 'succeeded' : 'running',
          trained_tokens: isDone ? 500_000 : null,
        };
    return { kind: 'bytes', chunks: [JSON.stringify(body)] };
  };
}

/** What each model has used: the one that is tried, and the one that judges. */
const writeEvalRun = (isDone: boolean) => ({
  id: 'evalrun_1',
  object: 'eval.run',
  eval_id: 'eval_1',
  model: 'gpt-5-mini',
  status: isDone ? 'completed' : 'in_progress',
  per_model_usage: isDone
    ? [
        {
          model_name: 'gpt-5-mini',
          invocation_count: 2,
          prompt_tokens: 4_000,
          cached_tokens: 0,
          completion_tokens: 1_000,
          total_tokens: 5_000,
        },
        {
          model_name: 'gpt-5-nano',
          invocation_count: 2,
          prompt_tokens: 2_000,
          cached_tokens: 0,
          completion_tokens: 100,
          total_tokens: 2_100,
        },
      ]
    : null,
});

it.each(['openai-6', 'openai-7'])(
  '%s',
  async (alias) => {
    const [bare, recorded] = await Promise.all(
      [false, true].map((hasPreload) =>
        runProgram('jobs.cjs', [alias], { hasPreload, script: createScript() }),
      ),
    );
    expect(recorded?.transcript).toEqual(bare?.transcript);
    expect(bare?.transcript.size).toBe(1);
    const billed = recorded?.spans.filter(({ name }) => name.startsWith('generate_content')) ?? [];
    expect(
      billed.map(({ name, attributes }) => [
        name,
        attributes['gen_ai.response.id'],
        attributes['gen_ai.usage.cost.amount'],
        attributes['costspan.cost.status'],
      ]),
    ).toEqual([
      ['generate_content sora-2', 'video_1', 0.8, 'priced'],
      // Half a million trained tokens at 3 USD per million.
      ['generate_content gpt-4o-mini-2024-07-18', 'ftjob_1', 1.5, 'priced'],
      // gpt-5-mini: 0.25 in, 2 out; gpt-5-nano: 0.05 in, 0.4 out.
      ['generate_content', 'evalrun_1', 0.00314, 'priced'],
    ]);
    const asked = recorded?.spans.filter(({ name }) => name === 'fetch_response') ?? [];
    expect(asked.map(({ attributes }) => attributes['gen_ai.usage.cost.amount'])).toEqual(
      new Array(7).fill(undefined),
    );
  },
  60_000,
);
