import { findFreePort, type RunResult } from '@costspan/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endOf, fixture, type Launch, NODE_NAMES, namesOf, REGISTER, repeatedIds, Stage } from './preload.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

const EMBEDDINGS = 'embeddings text-embedding-3-small';

async function end(launch: Launch, how: string): Promise<RunResult> {
  if (how !== 'signal') return endOf(await stage.run(launch));
  const running = stage.launch(launch);
  await running.waitForEvent('ready');
  return endOf(await running.stop());
}

describe.each(NODE_NAMES)('Node %s: spans of worker threads outlive them', (node) => {
  it.each(['terminate', 'process.exit', 'crash', 'signal', 'natural end'])('%s', async (how) => {
    for (const sdk of ['sdk', 'none']) {
      stage.clear();
      const launch: Launch = { node, app: [fixture('threads.mjs'), how, sdk] };
      const bare = await end({ ...launch, flags: [] }, how);
      expect(await end(launch, how)).toEqual(bare);
      const count = sdk === 'sdk' ? 3 : 2;
      expect(namesOf(stage.sink.spans)).toEqual(Array.from({ length: count }, () => EMBEDDINGS));
      expect(repeatedIds(stage.sink.spans)).toEqual([]);
    }
  });
});

// Flags of its own take the place of the process's; an environment of its own must have NODE_OPTIONS.
it.each(['flags', 'environment'])('a thread with %s of its own has what NODE_OPTIONS names', async (own) => {
  const env = { NODE_OPTIONS: `--require ${REGISTER}` };
  await stage.run({ flags: [], app: [fixture('worker.mjs'), 'calls.mjs', own], env });
  expect(namesOf(stage.callSpans())).toEqual(['chat claude-haiku-4-5', 'chat gpt-4o-mini']);
});

it.each(['terminate', 'process.exit'])(
  'each goes where its thread’s own environment says, with its own resource: %s',
  async (how) => {
    await end({ app: [fixture('threads.mjs'), how, 'other environment'] }, how);
    const names = stage.sink.spans.map(({ resource }) => resource['service.name']);
    expect(names.sort()).toEqual(['worker-1', 'worker-2']);
  },
);

it('what several threads hand over within the delay is one post', async () => {
  await end({ app: [fixture('threads.mjs'), 'terminate', 'none'] }, 'terminate');
  expect(stage.sink.spans).toHaveLength(2);
  expect(stage.sink.requests).toHaveLength(1);
});

it.each([
  ['none', 2],
  ['sdk', 3],
  ['other environment', 2],
])('the endpoint of the process counts the calls of all its threads: %s', async (sdk, calls) => {
  const port = await findFreePort();
  const running = stage.launch({
    app: [fixture('threads.mjs'), 'metrics', sdk],
    env: { COSTSPAN_METRICS_PORT: String(port) },
  });
  await running.waitForEvent('ready');
  const count = async (): Promise<number> => {
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    return [...text.matchAll(/^llm_calls_total\{[^}]*\} (\d+)$/gm)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
  };
  await expect.poll(() => count().catch(() => undefined)).toBe(calls);
  expect((await running.stop()).stderr).toBe('');
});
