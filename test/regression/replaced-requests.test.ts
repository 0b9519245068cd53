/** Posts of costspan went the way that tests of an application put in place of Node's: they were told of, and lost. */
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { endOf, fixture, namesOf, Stage } from '../preload/preload.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
afterAll(() => stage.close());
afterEach(() => stage.clear());

it.each(['proxy', 'inherited', 'connections'])(
  'an application may put another way of requests in place of Node’s: %s',
  async (way) => {
    const app = [fixture('replaced-requests.cjs'), way];
    const bare = await stage.run({ app, flags: [] });
    const recorded = await stage.run({ app });
    expect(endOf(recorded)).toEqual(endOf(bare));
    expect(recorded).toMatchObject({ exitCode: 0, stdout: '', stderr: '' });
    expect(namesOf(stage.callSpans())).toEqual(['chat gpt-4o-mini']);
  },
);

it('an agent that an application has put in place of Node’s leads posts too', async () => {
  const result = await stage.run({ app: [fixture('replaced-agent.cjs')] });
  expect(result).toMatchObject({ exitCode: 0, stdout: 'led by the application\n', stderr: '' });
  expect(namesOf(stage.callSpans())).toEqual(['chat gpt-4o-mini']);
});
