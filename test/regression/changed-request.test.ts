import { expect, it } from 'vitest';
import { runProgram } from '../conformance/app-run.ts';

/** A call begins with what `create` was given; a client that sends something else has the last word. */
it.each(['openai-4', 'openai-6', 'openai-7'])('%s: what is sent is what is recorded', async (sdk) => {
  const { exitCode, stderr, spans, requests } = await runProgram('changed-request.cjs', [sdk], {
    hasPreload: true,
  });
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
  expect(requests.length).toBe(3);
  expect(spans.map(({ name }) => name)).toEqual(['chat changed', 'chat asked', 'chat asked']);
});
