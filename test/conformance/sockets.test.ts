/**
 * WebSockets to providers that no known SDK has opened: what is said there nobody hears, but nobody keeps silent of it.
 * Those that an SDK has opened count as what is said there: `realtime.test.ts` and its like.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runSession, type SessionServer, startSessionServer } from './sessions.ts';

let server: SessionServer;
beforeAll(async () => {
  server = await startSessionServer((socket, { url = '' }) => socket.send(`{"path":"${url.split('?')[0]}"}`));
});
afterAll(() => server.close());

it('are unpriced calls with a warning for each host', async () => {
  const { bare, recorded } = await runSession('sockets.cjs', [], server);
  expect(bare).toMatchObject({ exitCode: 0, stderr: '' });
  expect(recorded).toMatchObject({ exitCode: 0, stdout: bare.stdout });
  const told = recorded.spans.map(({ attributes }) => [
    attributes['gen_ai.provider.name'],
    attributes['gen_ai.request.model'],
    attributes['costspan.cost.status'],
    attributes['costspan.cost.reason'],
  ]);
  expect(told).toEqual([
    ['openai', 'gpt-realtime-mini', 'unpriced', 'no_usage'],
    ['gcp.gemini', undefined, 'unpriced', 'no_usage'],
    ['deepgram', 'nova-3', 'unpriced', 'no_usage'],
  ]);
  expect(recorded.stderr.match(/COSTSPAN_UNREAD_CALL/g)).toHaveLength(3);
  expect(recorded.stderr + JSON.stringify(recorded.spans)).not.toMatch(/canary/);
});
