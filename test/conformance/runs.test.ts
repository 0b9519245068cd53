/** Runs of assistants: one call however often it is asked for, billed once, when the run is over. */
import type { ProviderRequest, Reply } from '@costspan/testkit';
import { expect, it } from 'vitest';
import { runProgram } from './app-run.ts';

const USAGE = {
  prompt_tokens: 1_000,
  completion_tokens: 100,
  total_tokens: 1_100,
  prompt_token_details: { cached_tokens: 400 },
};
const run = (id: string, status: string) => ({
  id,
  object: 'thread.run',
  thread_id: 'thread_1',
  model: 'gpt-4o-mini-2024-07-18',
  tools: [{ type: 'function', function: { name: 'read_weather' } }],
  status,
  usage: status === 'completed' ? USAGE : null,
});
const json = (body: object): Reply => ({ kind: 'bytes', chunks: [JSON.stringify(body)] });
const stream = (...states: readonly string[]): Reply => ({
  kind: 'bytes',
  headers: { 'content-type': 'text/event-stream' },
  chunks: [
    ...states.map((state) => `event: thread.run.${state}\ndata: ${JSON.stringify(run('run_2', state))}\n\n`),
    'event: done\ndata: [DONE]\n\n',
  ],
});

/** Asks for a tool, and is done at the second look after its answer. */
function createScript() {
  let looks = 0;
  return ({ path, method, body }: ProviderRequest): Reply => {
    const isStream = (body as { stream?: boolean } | undefined)?.stream === true;
    if (path.endsWith('/runs'))
      return isStream ? stream('queued', 'requires_action') : json(run('run_1', 'queued'));
    if (method === 'POST')
      return isStream ? stream('in_progress', 'completed') : json(run('run_1', 'queued'));
    looks += 1;
    return json(run('run_1', looks === 1 ? 'requires_action' : 'completed'));
  };
}

it.each(['openai-4', 'openai-7'])(
  '%s',
  async (alias) => {
    const [bare, recorded] = await Promise.all(
      [false, true].map((hasPreload) =>
        runProgram('runs.cjs', [alias], { hasPreload, script: createScript() }),
      ),
    );
    expect(recorded?.transcript).toEqual(bare?.transcript);
    expect(bare?.transcript.size).toBe(1);
    const costs = (recorded?.spans ?? []).map(({ name, attributes }) => [
      name,
      attributes['gen_ai.response.id'],
      attributes['gen_ai.usage.cost.amount'],
      attributes['costspan.cost.status'],
    ]);
    const billed = costs.filter(([name]) => name !== 'fetch_response').sort();
    // 600 × 0.15 + 400 × 0.075 + 100 × 0.6 USD per million.
    expect(billed).toEqual([
      ['chat', 'run_1', 0.00018, 'priced'],
      ['chat', 'run_2', 0.00018, 'priced'],
    ]);
    const asked = costs.filter(([name]) => name === 'fetch_response');
    expect(asked.map(([, , costUsd]) => costUsd)).toEqual(new Array(5).fill(undefined));
  },
  60_000,
);
