import type { RunResult } from '@costspan/testkit';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { endOf, fixture, type Launch, NODE_NAMES, namesOf, repeatedIds, Stage } from './preload.ts';

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

it('each goes where its thread’s own environment says, with its own resource', async () => {
  await end({ app: [fixture('threads.mjs'), 'terminate', 'other environment'] }, 'terminate');
  const names = stage.sink.spans.map(({ resource }) => resource['service.name']);
  expect(names.sort()).toEqual(['worker-1', 'worker-2']);
});

it('what several threads hand over within the delay is one post', async () => {
  await end({ app: [fixture('threads.mjs'), 'terminate', 'none'] }, 'terminate');
  expect(stage.sink.spans).toHaveLength(2);
  expect(stage.sink.requests).toHaveLength(1);
});
