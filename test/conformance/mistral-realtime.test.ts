/** Transcriptions of @mistralai/mistralai 2 over a WebSocket, its real client against a server. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { runSession, type SessionServer, startSessionServer } from './sessions.ts';

const SESSION = {
  request_id: 'request-1',
  model: 'voxtral-mini-transcribe-realtime-2602',
  audio_format: { encoding: 'pcm_s16le', sample_rate: 16_000 },
};

/** Writes down what comes, or breaks off before it is done. */
function converse(socket: WebSocket, isBroken: boolean): void {
  const send = (event: object): void => socket.send(JSON.stringify(event));
  send({ type: 'session.created', session: SESSION });
  socket.on('message', (data) => {
    const { type } = JSON.parse(String(data)) as { type: string };
    if (type === 'input_audio.append') send({ type: 'transcription.text.delta', text: 'canary' });
    if (type !== 'input_audio.end') return;
    if (isBroken) {
      socket.close(1011);
      return;
    }
    send({
      type: 'transcription.done',
      model: SESSION.model,
      text: 'canary',
      segments: [],
      language: 'en',
      usage: { prompt_tokens: 4, completion_tokens: 9, total_tokens: 13, prompt_audio_seconds: 600 },
    });
  });
}

let server: SessionServer;
beforeAll(async () => {
  server = await startSessionServer((socket, { url }) => converse(socket, url?.includes('broken') === true));
});
afterAll(() => server.close());

it('shows the application the same, and records each transcription', async () => {
  const { bare, recorded } = await runSession('mistral-realtime.mjs', [], server);
  expect(bare.stdout).toContain('transcription.done');
  expect({ out: recorded.stdout, exit: recorded.exitCode }).toEqual({ out: bare.stdout, exit: 0 });
  const keys = [
    'gen_ai.provider.name',
    'gen_ai.response.model',
    'costspan.usage.input_audio_ms.units',
    'gen_ai.usage.cost.amount',
    'costspan.cost.reason',
    'error.type',
  ];
  const rows = recorded.spans.map(({ name, attributes }) => [name, ...keys.map((key) => attributes[key])]);
  expect(rows.sort()).toEqual([
    ['generate_content broken', 'mistral_ai', undefined, undefined, undefined, 'no_usage', 'aborted'],
    // Ten minutes at 0.006 USD a minute.
    [
      `generate_content ${SESSION.model}`,
      'mistral_ai',
      SESSION.model,
      600_000,
      0.06,
      'single_source',
      undefined,
    ],
  ]);
  expect(JSON.stringify(recorded.spans)).not.toContain('canary');
});
