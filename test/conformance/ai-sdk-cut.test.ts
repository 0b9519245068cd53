/** Streams of Claude that are broken off through the AI SDK: what their first event has told is billed. */
import type { ProviderRequest, Reply } from '@costspan/testkit';
import { beforeAll, describe, expect, it } from 'vitest';
import { type AppRun, runProgram } from './app-run.ts';

const EVENTS = [
  {
    type: 'message_start',
    message: {
      id: 'message-1',
      type: 'message',
      role: 'assistant',
      model: 'claude-sonnet-4-5-20250929',
      content: [],
      stop_reason: null,
      stop_sequence: null,
      usage: {
        input_tokens: 1_000,
        cache_read_input_tokens: 400,
        cache_creation_input_tokens: 0,
        output_tokens: 1,
      },
    },
  },
  { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
  ...['Alpha ', 'beta ', 'gamma.'].map((text) => ({
    type: 'content_block_delta',
    index: 0,
    delta: { type: 'text_delta', text },
  })),
  { type: 'content_block_stop', index: 0 },
  {
    type: 'message_delta',
    delta: { stop_reason: 'end_turn', stop_sequence: null },
    usage: { output_tokens: 40 },
  },
  { type: 'message_stop' },
];
const text = (event: { readonly type: string }): string =>
  `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/** What is broken off stays open behind its first words. */
const HANGING = { interrupt: { after: 3, by: 'hang' } } as const;

const script = ({ path, headers }: ProviderRequest): Reply => ({
  kind: 'bytes',
  headers: { 'content-type': path.endsWith('/answer') ? 'text/plain' : 'text/event-stream' },
  chunks: EVENTS.map(text),
  ...(headers['x-scenario'] === 'cut' ? { delivery: HANGING } : {}),
});

const MAJORS = [4, 5, 6, 7];
const FETCHES = ['none', 'wrapped', 'canned'];
let bare: AppRun;
let recorded: AppRun;
beforeAll(async () => {
  [bare, recorded] = (await Promise.all(
    [false, true].map((hasPreload) => runProgram('ai-sdk-cut.mjs', [], { hasPreload, script })),
  )) as [AppRun, AppRun];
});

it('the application reads what it would have read', () => {
  expect({ stderr: bare.stderr, exitCode: bare.exitCode }).toEqual({ stderr: '', exitCode: 0 });
  expect(recorded.transcript).toEqual(bare.transcript);
  expect(recorded.stderr).toBe('');
});

describe.each(MAJORS)('AI SDK %s', (major) => {
  it.each(FETCHES)('sending with a fetch of its own: %s', (name) => {
    const only = (scenario: string) => {
      const spans = recorded.spans.filter(
        ({ attributes }) => attributes['costspan.feature'] === `${major} ${name} ${scenario}`,
      );
      expect(spans).toHaveLength(1);
      return spans[0]!.attributes;
    };
    // 1000 × 3 + 400 × 0.3 USD per million, and 40 × 15.
    expect(only('cut')).toMatchObject({
      'gen_ai.response.id': 'message-1',
      'error.type': 'aborted',
      'gen_ai.usage.input_tokens': 1_400,
      'gen_ai.usage.cache_read.input_tokens': 400,
      'costspan.usage.status': 'partial',
      'costspan.cost.status': 'estimated',
      'gen_ai.usage.cost.amount': 0.00312,
    });
    expect(only('cut')['gen_ai.usage.output_tokens']).toBeUndefined();
    expect(only('whole')).toMatchObject({
      'costspan.usage.status': 'complete',
      'gen_ai.usage.output_tokens': 40,
      'costspan.cost.status': 'priced',
      'gen_ai.usage.cost.amount': 0.00372,
    });
  });
});
