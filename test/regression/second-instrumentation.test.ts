import { afterAll, beforeAll, expect, it } from 'vitest';
import { fixture, REGISTER, Stage } from '../preload/preload.ts';

/** OpenTelemetry's own instrumentation of openai makes a span around each call as well: two spans, one call. */
let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.close());

it('marks the span of another instrumentation around the same call, and not its own', async () => {
  const flags = ['--require', '@opentelemetry/auto-instrumentations-node/register', '--require', REGISTER];
  const { exitCode, stderr } = await stage.run({
    flags,
    app: [fixture('second-instrumentation.cjs')],
    env: {
      OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'openai',
      OTEL_NODE_RESOURCE_DETECTORS: 'none',
      OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
      OTEL_METRICS_EXPORTER: 'none',
      OTEL_LOGS_EXPORTER: 'none',
    },
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  const seen = stage
    .callSpans()
    .map(({ scope, attributes }) => [scope.name, attributes['costspan.superseded']])
    .sort();
  expect(seen).toEqual([
    ['@costspan/instrumentation', undefined],
    ['@opentelemetry/instrumentation-openai', true],
  ]);
});
