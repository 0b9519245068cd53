import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { fixture, namesOf, repeatedIds, Stage } from './preload.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

const FIVE = Array.from({ length: 5 }, () => 'embeddings text-embedding-3-small');

it.each([
  ['costspan’s own exporter', 'none', { OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '2' }],
  ['the tracer provider of the application', 'provider', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
])('a process that is frozen after forceFlush has lost nothing: %s', async (_by, how, env) => {
  const running = stage.launch({
    app: [fixture('flush.mjs'), how],
    env: { CODE_URL: `${stage.sink.endpoint}/v1/traces`, OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json', ...env },
  });
  await running.waitForEvent('ready');
  expect(namesOf(stage.sink.spans)).toEqual(FIVE);
  expect(repeatedIds(stage.sink.spans)).toEqual([]);
  await running.stop({ signal: 'SIGKILL' });
});

it('a receiver that says nothing is waited for as long as it is told, and not for ever', async () => {
  stage.sink.setMode('hang');
  const running = stage.launch({ app: [fixture('flush.mjs'), 'none'], env: { FLUSH_MS: '50' } });
  await running.waitForEvent('ready');
  await running.stop({ signal: 'SIGKILL' });
});
