/**
 * costspan was seen where tests look: a printed promise or stream had a function of another kind, a signal of the
 * application's one listener more, and a response that the application had given methods of its own had ours.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { endOf, fixture, Stage } from '../preload/preload.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.close());

it.each(['openai-4', 'openai-5', 'openai-6', 'openai-7'])('whoever looks sees what %s gives', async (sdk) => {
  const app = [fixture('looked-at.cjs'), sdk];
  const bare = await stage.run({ app, flags: [] });
  expect(bare).toMatchObject({ exitCode: 0, stderr: '' });
  expect(endOf(await stage.run({ app }))).toEqual(endOf(bare));
});

it('an application may lack AbortSignal.any', async () => {
  const app = [fixture('lacks-any.cjs')];
  const bare = await stage.run({ app, flags: [] });
  expect(bare).toMatchObject({ exitCode: 0, stdout: 'hello\n', stderr: '' });
  expect(endOf(await stage.run({ app }))).toEqual(endOf(bare));
});
