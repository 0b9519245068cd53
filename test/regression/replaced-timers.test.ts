/** costspan called the timers and the clock that tests of the application had put in place of Node's: it threw in its listeners. */
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

it.each(['a receiver that answers', 'a receiver that is down'])(
  'an application may put another clock in place of Node’s: %s',
  async (receiver) => {
    const app = [fixture('replaced-clock.cjs')];
    const env = {
      OTEL_BSP_SCHEDULE_DELAY: '1',
      ...(receiver.endsWith('down') ? { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' } : {}),
    };
    const bare = await stage.run({ app, flags: [], env });
    expect(bare).toMatchObject({ exitCode: 0, stderr: '' });
    expect(endOf(await stage.run({ app, env }))).toEqual(endOf(bare));
  },
);
