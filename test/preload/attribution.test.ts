import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixture, NODE_NAMES, Stage } from './preload.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

/** Feature, task, outcome and what decided it, of the task that each call belongs to. */
function readAttributed(): unknown[] {
  const tasks = new Map(stage.taskSpans().map((span) => [span.attributes['costspan.task.id'], span]));
  expect(stage.callSpans().length).toBe(tasks.size);
  return stage.callSpans().map(({ attributes }) => {
    const task = tasks.get(attributes['costspan.task.id']);
    return [
      attributes['costspan.feature'],
      attributes['costspan.task.name'],
      task?.attributes['costspan.task.outcome'],
      task?.attributes['costspan.task.outcome.source'],
    ];
  });
}

const STATUSES = '/ok/:id 200\n/refused/:id 422\n/broken/:id 500\n/scoped/:id 200\n';

describe.each(NODE_NAMES)('Node %s, with nothing but the preload', (node) => {
  // Plain HTTP has no routes: the path stands for one, its changing parts left out.
  it.each(['plain http', 'Express 5', 'Fastify 5'])('%s', async (server) => {
    const result = await stage.run({ node, app: [fixture('attributed.mjs'), server] });
    expect({ stdout: result.stdout, stderr: result.stderr }).toEqual({ stdout: STATUSES, stderr: '' });
    const route = (name: string) =>
      server === 'plain http' ? expect.stringMatching(new RegExp(`^/${name}/[:{*]`)) : `/${name}/:id`;
    const taskName = (name: string) =>
      server === 'plain http' ? expect.stringMatching(new RegExp(`^GET /${name}/[:{*]`)) : `GET /${name}/:id`;
    expect(readAttributed()).toEqual([
      [route('ok'), taskName('ok'), 'success', 'http'],
      [route('refused'), taskName('refused'), 'failure', expect.stringMatching(/^(http|exception)$/)],
      [route('broken'), taskName('broken'), 'failure', expect.stringMatching(/^(http|exception)$/)],
      // A scope wins over the route; a task that returns and says nothing leaves its outcome open.
      ['support-chat', 'resolve-ticket', undefined, undefined],
    ]);
  });
});

it('takes the name of a function of a platform where nothing names one', async () => {
  await stage.run({ app: [fixture('calls.cjs')], env: { AWS_LAMBDA_FUNCTION_NAME: 'resize' } });
  const features = stage.callSpans().map(({ attributes }) => attributes['costspan.feature']);
  expect(features).toEqual(['resize', 'resize']);
});

it.each([
  ['plain http', 'answer'],
  ['Express 5', '/ok/:id'],
])('takes the name of a function before a path that no router has told: %s', async (server, feature) => {
  await stage.run({ app: [fixture('attributed.mjs'), server], env: { FUNCTION_TARGET: 'answer' } });
  const [first] = readAttributed() as string[][];
  expect(first?.[0]).toBe(feature);
  // The task keeps the path: what it does is no more than that.
  expect(first?.[1]).toMatch(/^GET \/ok\/:/);
});

it('takes COSTSPAN_FEATURE where neither scope nor route names one', async () => {
  await stage.run({ app: [fixture('calls.cjs')], env: { COSTSPAN_FEATURE: 'nightly-report' } });
  const features = stage.callSpans().map(({ attributes }) => attributes['costspan.feature']);
  expect(features).toEqual(['nightly-report', 'nightly-report']);
});
