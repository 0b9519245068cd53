/** OpenRouter's SDK without its classes: the safety net counts what its functions send, at the cost that the answer states. */
import type { ProviderRequest, Reply } from '@costspan/testkit';
import { expect, it } from 'vitest';
import { runProgram } from './app-run.ts';

const MODEL = 'openai/gpt-5-mini';
const COST = { cost: 0.00125, is_byok: false };
const CHAT = {
  id: 'gen-1',
  object: 'chat.completion',
  created: 1_790_000_000,
  model: MODEL,
  system_fingerprint: null,
  choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', content: 'canary' } }],
  usage: { prompt_tokens: 1_000, completion_tokens: 100, total_tokens: 1_100, ...COST },
};
const RESPONSE = {
  id: 'resp-1',
  object: 'response',
  created_at: 1_790_000_000,
  completed_at: 1_790_000_001,
  model: MODEL,
  status: 'completed',
  error: null,
  incomplete_details: null,
  instructions: null,
  metadata: null,
  parallel_tool_calls: true,
  presence_penalty: 0,
  frequency_penalty: 0,
  temperature: 1,
  top_p: 1,
  tool_choice: 'auto',
  tools: [],
  output: [
    {
      type: 'message',
      id: 'message-1',
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: 'canary', annotations: [] }],
    },
  ],
  usage: {
    input_tokens: 1_000,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 100,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 1_100,
    ...COST,
  },
};

/** `callModel` asks for a stream. */
function script({ path, isStream }: ProviderRequest): Reply {
  if (path.endsWith('/chat/completions')) return { kind: 'bytes', chunks: [JSON.stringify(CHAT)] };
  if (!isStream) return { kind: 'bytes', chunks: [JSON.stringify(RESPONSE)] };
  const events = [
    {
      type: 'response.created',
      sequence_number: 0,
      response: { ...RESPONSE, status: 'in_progress', output: [] },
    },
    { type: 'response.completed', sequence_number: 1, response: RESPONSE },
  ];
  return {
    kind: 'bytes',
    headers: { 'content-type': 'text/event-stream' },
    chunks: events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`),
  };
}

it('counts each call once, at the cost that its answer states', async () => {
  const [bare, recorded] = await Promise.all(
    [false, true].map((hasPreload) => runProgram('openrouter-functions.mjs', [], { hasPreload, script })),
  );
  expect({ stderr: bare?.stderr, exitCode: bare?.exitCode }).toEqual({ stderr: '', exitCode: 0 });
  expect(recorded?.transcript).toEqual(bare?.transcript);
  expect([...(bare?.transcript.keys() ?? [])]).toEqual(['function', 'call-model']);
  const rows = recorded?.spans.map(({ name, attributes }) => [
    name,
    attributes['costspan.feature'],
    attributes['gen_ai.provider.name'],
    attributes['gen_ai.response.id'],
    attributes['gen_ai.usage.cost.amount'],
    attributes['gen_ai.usage.cost.source'],
  ]);
  expect(rows?.sort()).toEqual([
    [`chat ${MODEL}`, 'call-model', 'openrouter', 'resp-1', 0.00125, 'provider'],
    [`chat ${MODEL}`, 'function', 'openrouter', 'gen-1', 0.00125, 'provider'],
  ]);
  expect(JSON.stringify(recorded?.spans)).not.toContain('canary');
});
