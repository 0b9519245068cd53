/** Live sessions of Google's SDK, its real client against a WebSocket server: each turn of the model is a call. */
import type { IncomingMessage } from 'node:http';
import type { SinkSpan } from '@costspan/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { runSession, type SessionServer, startSessionServer } from './sessions.ts';

/** Each turn bills all that the session holds: the prompt grows. */
const usage = (prompt: number) => ({
  promptTokenCount: prompt,
  responseTokenCount: 200,
  thoughtsTokenCount: 50,
  totalTokenCount: prompt + 250,
  promptTokensDetails: [
    { modality: 'TEXT', tokenCount: 100 },
    { modality: 'AUDIO', tokenCount: prompt - 100 },
  ],
  responseTokensDetails: [{ modality: 'AUDIO', tokenCount: 200 }],
});
/** Text at 0.5 and 2 USD a million, audio at 3 and 12; thoughts are text. */
const usd = (prompt: number): number => (100 * 0.5 + (prompt - 100) * 3 + 50 * 2 + 200 * 12) / 1e6;

const SAID = {
  serverContent: { modelTurn: { parts: [{ inlineData: { mimeType: 'audio/pcm', data: 'AAAA' } }] } },
};
const DONE = { serverContent: { turnComplete: true } };
const ASKED = { toolCall: { functionCalls: [{ id: 'call-1', name: 'look_up', args: {} }] } };

/** What the server says to each thing that the client sends: usage comes with, after or before the end, or never. */
const TURNS: readonly (readonly object[])[] = [
  [SAID, SAID, { ...DONE, usageMetadata: usage(400) }],
  [{ ...ASKED, usageMetadata: usage(500) }, SAID, DONE, { usageMetadata: usage(700) }],
  [SAID, DONE],
  [SAID, { usageMetadata: usage(900) }, SAID, { serverContent: { interrupted: true } }, DONE],
];

function converse(socket: WebSocket, { url }: IncomingMessage): void {
  const send = (message: object): void => socket.send(Buffer.from(JSON.stringify(message)));
  let turn = -1;
  socket.on('message', () => {
    turn += 1;
    if (turn === 0) send({ setupComplete: {} });
    else if (url?.includes('Music')) send({ serverContent: { audioChunks: [{ data: 'AAAA' }] } });
    else for (const message of TURNS[turn - 1] ?? []) send(message);
    if (turn < TURNS.length || url?.includes('Music')) return;
    send(SAID);
    socket.close(1000);
  });
}

let server: SessionServer;
beforeAll(async () => {
  server = await startSessionServer(converse);
});
afterAll(() => server.close());

const SHOWN = [
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.audio.input_tokens',
  'gen_ai.usage.output_tokens',
  'gen_ai.usage.audio.output_tokens',
  'gen_ai.response.finish_reasons',
  'error.type',
  'costspan.cost.status',
];
const show = ({ name, attributes }: SinkSpan) => [name, ...SHOWN.map((key) => attributes[key])];

describe.each(['genai-1-0', 'genai-1', 'genai-2', 'genai-3'])('%s', (alias) => {
  it('shows the application the same, and records each turn', async () => {
    const { bare, recorded } = await runSession('live.mjs', [alias], server);
    expect(bare.stdout).toContain('turnComplete');
    const end = ({ stdout, stderr, exitCode }: typeof bare) => ({ stdout, stderr, exitCode });
    expect(end(recorded)).toEqual({ ...end(bare), exitCode: 0 });
    const spans = [...recorded.spans].sort((a, b) => a.startMs - b.startMs);
    const name = 'generate_content gemini-live-2.5-flash';
    const turn = (prompt: number, finish: string) => [
      name,
      prompt,
      prompt - 100,
      250,
      200,
      [finish],
      undefined,
      'priced',
    ];
    const none = [undefined, undefined, undefined, undefined];
    const rows = spans.map(show);
    for (const row of [
      turn(400, 'stop'),
      turn(500, 'tool_call'),
      turn(700, 'stop'),
      [name, ...none, ['stop'], undefined, 'unpriced'],
      turn(900, 'interrupted'),
      [name, ...none, undefined, 'aborted', 'unpriced'],
      ['generate_content lyria-realtime-exp', ...none, undefined, undefined, 'unpriced'],
    ])
      expect(rows).toContainEqual(row);
    expect(rows).toHaveLength(7);
    const costs = spans.flatMap(({ attributes }) => attributes['gen_ai.usage.cost.amount'] ?? []);
    expect(costs).toEqual([400, 500, 700, 900].map((prompt) => expect.closeTo(usd(prompt), 12)));
    expect(spans[0]?.attributes['gen_ai.provider.name']).toBe('gcp.gemini');
    expect(JSON.stringify(recorded.spans)).not.toContain('canary');
  });
});
