/** Live sessions of the openai package, its real clients against a WebSocket server: billed by the time they are open. */
import type { SinkSpan } from '@costspan/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { WebSocket } from 'ws';
import { runSession, type SessionServer, startSessionServer } from './sessions.ts';

const SESSION = { id: 'live_1', object: 'live.session', type: 'live', model: 'gpt-live-1' };
const RESPONSE = { id: 'resp_1', object: 'response', model: 'gpt-5-mini', status: 'in_progress', output: [] };
const DECISION = {
  model: 'gpt-5-nano',
  answers: [{ type: 'predicate', name: 'canary', probability: 0.9 }],
  usage: {
    input_tokens: 1_000,
    input_tokens_details: { cached_tokens: 0, cache_write_tokens: 0 },
    output_tokens: 10,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 1_010,
  },
};

const nested = (event: object): object => ({
  type: 'response.event',
  event_id: 'e',
  delegation_id: 'd',
  event,
});

/** Says all that a session says; the usage of its events is that of the session so far. */
function converse(socket: WebSocket, isClosed: boolean): void {
  const events = [
    { type: 'session.started', event_id: 'e1', session: SESSION },
    { type: 'session.usage.updated', event_id: 'e2', usage: { seconds: 30 } },
    nested({ type: 'response.created', response: RESPONSE }),
    nested({ type: 'response.output_text.delta', delta: 'canary' }),
    nested({
      type: 'response.completed',
      response: {
        ...RESPONSE,
        status: 'completed',
        usage: { input_tokens: 2_000, output_tokens: 100, total_tokens: 2_100 },
      },
    }),
    { type: 'decision.event', event_id: 'e3', event: { type: 'decision.completed', decision: DECISION } },
    { type: 'session.usage.updated', event_id: 'e4', usage: { seconds: 60 } },
    ...(isClosed
      ? [
          {
            type: 'session.closed',
            event_id: 'e5',
            reason: 'close_requested',
            session: SESSION,
            usage: { seconds: 90 },
          },
        ]
      : []),
  ];
  for (const event of events) socket.send(JSON.stringify(event));
  socket.close(1000);
}

let isClosed = true;
let server: SessionServer;
beforeAll(async () => {
  server = await startSessionServer((socket) => converse(socket, isClosed));
});
afterAll(() => server.close());

const KEYS = [
  'gen_ai.response.id',
  'costspan.usage.session_ms.units',
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.cost.amount',
  'costspan.cost.status',
  'error.type',
];
const rows = (spans: readonly SinkSpan[]): unknown[] =>
  [...new Map(spans.map((span) => [span.spanId, span])).values()]
    .map(({ name, attributes }) => [name, ...KEYS.map((key) => attributes[key])])
    .sort((a, b) => String(a[0]).localeCompare(String(b[0])));

const DELEGATED = [
  // gpt-5-mini: 0.25 in, 2 out; gpt-5-nano: 0.05 in, 0.4 out.
  ['chat gpt-5-mini', 'resp_1', undefined, 2_000, 0.0007, 'priced', undefined],
  ['generate_content gpt-5-nano', undefined, undefined, 1_000, 0.000054, 'priced', undefined],
];

describe.each([
  ['ws', 'LiveWS'],
  ['sideband/ws', 'SidebandWS'],
])('openai-7 live/%s', (door, className) => {
  const runDoor = () => runSession('openai-live.cjs', ['openai-7', door, className], server);

  it('shows the application the same, and records the session, what it delegates and what it asks to decide', async () => {
    isClosed = true;
    const { bare, recorded } = await runDoor();
    expect(bare.stdout).toContain('session.closed');
    expect({ out: recorded.stdout, exit: recorded.exitCode }).toEqual({ out: bare.stdout, exit: 0 });
    expect(rows(recorded.spans)).toEqual(
      [
        // A minute and a half at 0.05 USD a minute.
        ['chat gpt-live-1', 'live_1', 90_000, undefined, 0.075, 'priced', undefined],
        DELEGATED[0],
        DELEGATED[1],
      ].sort((a, b) => String(a?.[0]).localeCompare(String(b?.[0]))),
    );
    expect(JSON.stringify(recorded.spans)).not.toContain('canary');
  });

  it('keeps what a session has said of its time when it breaks off', async () => {
    isClosed = false;
    const { recorded } = await runDoor();
    expect(rows(recorded.spans)).toContainEqual([
      'chat gpt-live-1',
      'live_1',
      60_000,
      undefined,
      0.05,
      'estimated',
      'aborted',
    ]);
  });
});
