/** costspan called the timers that tests of the application had put in place of Node's: it threw in its listeners. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { endOf, fixture, namesOf, Stage } from '../preload/preload.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.close());

it('an application may put other timers in place of Node’s', async () => {
  const app = [fixture('replaced-timers.cjs')];
  const bare = await stage.run({ app, flags: [] });
  const recorded = await stage.run({ app });
  expect(endOf(recorded)).toEqual(endOf(bare));
  expect(recorded).toMatchObject({ exitCode: 0, stdout: 'object\nhandled by the application\n' });
  expect(namesOf(stage.callSpans())).toEqual(['chat gpt-4o-mini', 'chat gpt-4o-mini']);
});
