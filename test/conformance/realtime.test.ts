/** Realtime connections of the openai package, its real client against a WebSocket server: each response is a call. */
import type { SinkSpan } from '@costspan/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { runSession, type SessionServer, startSessionServer } from './sessions.ts';

const USAGE = {
  total_tokens: 1_400,
  input_tokens: 1_000,
  output_tokens: 400,
  input_token_details: {
    text_tokens: 300,
    audio_tokens: 700,
    cached_tokens: 200,
    cached_tokens_details: { text_tokens: 150, audio_tokens: 50 },
  },
  output_token_details: { text_tokens: 100, audio_tokens: 300 },
};
const SESSION = {
  type: 'realtime',
  model: 'gpt-realtime-mini',
  audio: { input: { transcription: { model: 'whisper-1' } } },
};

/** Says what a session says: the first response ends whole, the second is cut off by the end of the connection. */
function converse(socket: WebSocket): void {
  const send = (event: object): void => socket.send(JSON.stringify(event));
  let asked = 0;
  send({ type: 'session.created', event_id: 'e0', session: SESSION });
  socket.on('message', () => {
    asked += 1;
    const response = { id: `resp_${asked}`, object: 'realtime.response', status: 'in_progress', output: [] };
    send({ type: 'response.created', response });
    send({ type: 'response.output_audio.delta', response_id: response.id, delta: 'AAAA' });
    if (asked === 2) {
      socket.close(1000);
      return;
    }
    send({
      type: 'conversation.item.input_audio_transcription.completed',
      item_id: 'item_1',
      content_index: 0,
      transcript: 'canary-prompt: how far is the moon?',
      usage: { type: 'duration', seconds: 6 },
    });
    send({ type: 'response.done', response: { ...response, status: 'completed', usage: USAGE } });
  });
}

let server: SessionServer;
beforeAll(async () => {
  server = await startSessionServer(converse);
});
afterAll(() => server.close());

const DOORS = [
  ['openai-4', 'beta/realtime/ws'],
  ['openai-5', 'realtime/ws'],
  ['openai-6', 'realtime/ws'],
  ['openai-7', 'beta/realtime/ws'],
  ['openai-7', 'realtime/ws'],
] as const;

const byName = (spans: readonly SinkSpan[]): SinkSpan[] =>
  [...new Map(spans.map((span) => [span.spanId, span])).values()].sort((a, b) => a.startMs - b.startMs);

describe.each(DOORS)('%s %s', (alias, door) => {
  it('shows the application the same, and records each response and transcription', async () => {
    const { bare, recorded } = await runSession('realtime.cjs', [alias, door], server);
    expect(bare.stdout).toContain('response.done');
    expect({ out: recorded.stdout, exit: recorded.exitCode }).toEqual({ out: bare.stdout, exit: 0 });
    const spans = byName(recorded.spans);
    const pick = (span: SinkSpan | undefined, ...keys: string[]) => keys.map((key) => span?.attributes[key]);
    const whole = spans.find((span) => span.attributes['gen_ai.response.id'] === 'resp_1');
    expect(whole?.name).toBe('chat gpt-realtime-alias');
    expect(
      pick(
        whole,
        'gen_ai.provider.name',
        'server.address',
        'gen_ai.response.model',
        'gen_ai.usage.input_tokens',
        'gen_ai.usage.audio.input_tokens',
        'gen_ai.usage.cache_read.input_tokens',
        'gen_ai.usage.text.cache_read.input_tokens',
        'gen_ai.usage.audio.cache_read.input_tokens',
        'gen_ai.usage.output_tokens',
        'gen_ai.usage.audio.output_tokens',
        'costspan.usage.status',
      ),
    ).toEqual([
      'openai',
      'us.api.openai.com',
      'gpt-realtime-mini',
      1_000,
      700,
      200,
      150,
      50,
      400,
      300,
      'complete',
    ]);
    // gpt-realtime-mini: text 0.6, audio 10, cached text 0.06, cached audio 0.3; out: text 2.4, audio 20.
    const usd = (150 * 0.6 + 650 * 10 + 150 * 0.06 + 50 * 0.3 + 100 * 2.4 + 300 * 20) / 1e6;
    expect(whole?.attributes['gen_ai.usage.cost.amount']).toBeCloseTo(usd, 12);
    const heard = spans.find((span) => span.name.startsWith('generate_content'));
    expect(
      pick(heard, 'gen_ai.request.model', 'costspan.usage.input_audio_ms.units', 'gen_ai.usage.cost.amount'),
    ).toEqual(['whisper-1', 6_000, 0.0006]);
    // The connection ended before the second response did.
    const cut = spans.filter((span) => span.attributes['error.type'] === 'aborted');
    expect(cut.map((span) => span.name)).toEqual(['chat gpt-realtime-alias']);
    expect(spans).toHaveLength(3);
    expect(JSON.stringify(recorded.spans)).not.toContain('canary');
  });
});
