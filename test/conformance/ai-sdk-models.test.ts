/** The newest classes of the AI SDK's packages of models, the real ones against the stand-in. */
import type { ProviderRequest, Reply } from '@costspan/testkit';
import { expect, it } from 'vitest';
import { runProgram } from './app-run.ts';

const MISTRAL = 'mistral-large-2512';
const GEMINI = 'gemini-2.5-flash';
const CONVERSATION_USAGE = { prompt_tokens: 1_000, completion_tokens: 200, total_tokens: 1_200 };
const MESSAGE = {
  type: 'message.output',
  id: 'message-1',
  role: 'assistant',
  model: MISTRAL,
  content: 'Alpha.',
};
const INTERACTION = {
  id: 'interaction-1',
  object: 'interaction',
  model: GEMINI,
  status: 'completed',
  service_tier: 'standard',
  steps: [{ type: 'model_output', content: [{ type: 'text', text: 'Alpha.' }] }],
  usage: {
    total_input_tokens: 1_000,
    total_cached_tokens: 400,
    total_output_tokens: 30,
    total_thought_tokens: 50,
    total_tokens: 1_080,
  },
};

const json = (body: object): Reply => ({ kind: 'bytes', chunks: [JSON.stringify(body)] });
const events = (list: readonly { readonly [key: string]: unknown }[]): Reply => ({
  kind: 'bytes',
  headers: { 'content-type': 'text/event-stream' },
  chunks: list.map((event) => `data: ${JSON.stringify(event)}\n\n`),
});

function script({ path, isStream }: ProviderRequest): Reply {
  if (path.includes('embeddings')) {
    return json({
      object: 'list',
      model: 'pplx-embed-v1-0.6b',
      data: [{ object: 'embedding', index: 0, embedding: Buffer.from([1, 2, 3, 4]).toString('base64') }],
      usage: {
        prompt_tokens: 8,
        total_tokens: 8,
        cost: { input_cost: 0.0000002, total_cost: 0.0000002, currency: 'USD' },
      },
    });
  }
  if (path.includes('interactions')) {
    return isStream
      ? events([
          {
            event_type: 'interaction.created',
            interaction: { id: 'interaction-1', model: GEMINI, status: 'in_progress' },
          },
          { event_type: 'step.start', index: 0, step: { type: 'model_output', content: [] } },
          { event_type: 'step.delta', index: 0, delta: { type: 'text', text: 'Alpha.' } },
          { event_type: 'step.stop', index: 0 },
          { event_type: 'interaction.completed', interaction: INTERACTION },
        ])
      : json(INTERACTION);
  }
  return isStream
    ? events([
        { type: 'conversation.response.started', conversation_id: 'conversation-1' },
        { ...MESSAGE, type: 'message.output.delta' },
        { type: 'conversation.response.done', usage: CONVERSATION_USAGE },
      ])
    : json({ conversation_id: 'conversation-1', outputs: [MESSAGE], usage: CONVERSATION_USAGE });
}

it('counts each call once, with what the provider bills', async () => {
  const [bare, recorded] = await Promise.all(
    [false, true].map((hasPreload) => runProgram('ai-sdk-models.mjs', [], { hasPreload, script })),
  );
  expect({ stderr: bare?.stderr, exitCode: bare?.exitCode }).toEqual({ stderr: '', exitCode: 0 });
  expect(recorded?.transcript).toEqual(bare?.transcript);
  const rows = recorded?.spans
    .filter(({ attributes }) => attributes['gen_ai.provider.name'] !== undefined)
    .map(({ attributes }) => [
      attributes['costspan.feature'],
      attributes['gen_ai.operation.name'],
      attributes['gen_ai.request.model'],
      attributes['gen_ai.usage.input_tokens'],
      attributes['gen_ai.usage.output_tokens'],
      attributes['gen_ai.usage.cost.amount'],
    ]);
  // Perplexity states what an embedding costs. Mistral Large 3: 0.5 in, 1.5 out. Gemini 2.5 Flash: 0.30, 0.03 from the
  // cache, 2.50 out, thoughts included.
  const gemini = (600 * 300_000 + 400 * 30_000 + 80 * 2_500_000) / 1e12;
  expect(rows?.sort()).toEqual([
    ['conversation', 'chat', MISTRAL, 1_000, 200, 0.0008],
    ['conversation-stream', 'chat', MISTRAL, 1_000, 200, 0.0008],
    ['embedding', 'embeddings', 'pplx-embed-v1-0.6b', 8, undefined, 0.0000002],
    ['interaction', 'chat', GEMINI, 1_000, 80, gemini],
    ['interaction-stream', 'chat', GEMINI, 1_000, 80, gemini],
  ]);
  expect(JSON.stringify(recorded?.spans)).not.toContain('canary');
});
