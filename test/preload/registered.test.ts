import { afterAll, beforeAll, expect, it } from 'vitest';
import { fixture, Stage } from './preload.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.close());

it('is an instrumentation like any other: it takes the provider that it is given, and stops when it is unloaded', async () => {
  const { exitCode, stdout, stderr } = await stage.run({ flags: [], app: [fixture('registered.cjs')] });
  expect({ exitCode, stdout, stderr }).toEqual({
    exitCode: 0,
    stdout: 'chat.completion\nchat.completion\n',
    stderr: '',
  });
  const [call, ...others] = stage.callSpans();
  expect(others).toEqual([]);
  expect(call).toMatchObject({
    name: 'chat gpt-4o-mini',
    scope: { name: '@costspan/instrumentation' },
    attributes: { 'gen_ai.usage.cost.currency': 'USD' },
    resource: { 'telemetry.sdk.name': 'opentelemetry' },
  });
});
