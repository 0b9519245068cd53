/** Calls to providers over `node:http2`, by hand and by gRPC, where Node tells of them. */
import type { JsonObject } from '@costspan/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fixture, Stage } from './preload.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.close());

const run = (launch: object) => stage.run({ app: [fixture('http2.mjs')], ...launch });

it.each(['24', '26'] as const)('are recorded, and read as without us, Node %s', async (node) => {
  stage.clear();
  const bare = await run({ node, flags: [] });
  expect(bare).toMatchObject({ exitCode: 0, stderr: '' });
  const recorded = await run({ node });
  expect(recorded.stdout).toBe(bare.stdout);
  expect(recorded.exitCode).toBe(0);
  expect(recorded.stderr.match(/COSTSPAN_\w+/g)).toEqual(['COSTSPAN_UNREAD_CALL']);

  const calls = new Map(
    stage.callSpans().map(({ attributes }) => [String(attributes['gen_ai.request.model']), attributes]),
  );
  const counted = { 'gen_ai.usage.input_tokens': 1200, 'costspan.cost.status': 'priced' };
  // 1200 × 0.15 + 40 × 0.6 USD per million.
  const priced = { ...counted, 'gen_ai.usage.cost.amount': 0.000204, 'gen_ai.provider.name': 'openai' };
  expect(calls.get('http2/json')).toMatchObject({ ...priced, 'server.address': 'api.openai.com' });
  expect(calls.get('http2/stream')).toMatchObject({ ...priced, 'gen_ai.request.stream': true });
  expect(calls.get('http2/elsewhere')).toMatchObject({
    ...priced,
    'server.address': 'llm.internal',
    'server.port': 4000,
  });
  expect(calls.get('http2/refused')).toMatchObject({ 'error.type': '429' });
  expect(calls.get('http2/left')).toMatchObject({ 'gen_ai.operation.name': 'chat' });
  const unread: JsonObject | undefined = calls.get('undefined');
  expect(unread).toMatchObject({
    'gen_ai.provider.name': 'gcp.vertex_ai',
    'server.address': 'europe-west4-aiplatform.googleapis.com',
    'costspan.cost.status': 'unpriced',
    'costspan.cost.reason': 'no_usage',
  });
  expect(stage.callSpans()).toHaveLength(6);
});
