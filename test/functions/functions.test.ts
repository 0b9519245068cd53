/** Functions of Azure and of Google, on the packages that they are written with. */
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findFreePort, until } from '@costspan/testkit';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { repeatedIds, Stage } from '../preload/preload.ts';

const here = dirname(fileURLToPath(import.meta.url));
const fixtures = join(here, 'fixtures');

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

/** `feature: task: outcome source` of each task's span, in the order of their ends. */
const readTasks = (): string[] =>
  [...stage.taskSpans()]
    .sort((a, b) => a.endMs - b.endMs)
    .map(
      ({ attributes }) =>
        `${attributes['costspan.feature']}: ${attributes['costspan.task.name']}: ` +
        `${attributes['costspan.task.outcome']} ${attributes['costspan.task.outcome.source']}`,
    );

it('Azure: each run of a function is a task', async () => {
  const launch = { app: [join(fixtures, 'azure.cjs')], cwd: here };
  const without = await stage.run({ ...launch, flags: [] });
  expect(without).toMatchObject({ exitCode: 0, stderr: '' });
  const lines = without.stdout.trim().split('\n');
  expect(lines.slice(0, 3)).toEqual(['200', '503', 'RangeError: application']);
  expect(lines[3]).toContain('must be an object');
  expect(await stage.run(launch)).toEqual(without);
  expect(repeatedIds(stage.sink.spans)).toEqual([]);
  expect(readTasks()).toEqual([
    '/api/tickets/{id}: POST /api/tickets/{id}: success http',
    '/api/tickets/{id}: POST /api/tickets/{id}: failure http',
    '/api/tickets/{id}: POST /api/tickets/{id}: failure exception',
    '/api/ping: POST /api/ping: failure http',
    'orders: process orders: failure exception',
    'orders: process orders: success job',
    'nightly: nightly: success job',
  ]);
  const ids = stage.taskSpans().map(({ attributes }) => attributes['costspan.task.id']);
  expect(new Set(ids).size).toBe(6);
});

const FRAMEWORK = join(
  here,
  '..',
  'node_modules',
  '@google-cloud',
  'functions-framework',
  'build',
  'src',
  'main.js',
);
const EVENT = {
  'content-type': 'application/json',
  'ce-specversion': '1.0',
  'ce-id': 'e-1',
  'ce-source': '//pubsub.googleapis.com/projects/shop/topics/digests',
  'ce-type': 'google.cloud.pubsub.topic.v1.messagePublished',
};

it.each([
  {
    target: 'ticket',
    posts: ['/tickets/4711?status=200', '/tickets/4711?status=503'].map((path) => ({ path, body: '{}' })),
    tasks: ['ticket: POST /tickets/:id: success http', 'ticket: POST /tickets/:id: failure http'],
  },
  {
    target: 'digest',
    posts: ['{}', '{"isBroken":true}'].map((body) => ({ path: '/', body })),
    tasks: ['digest: POST /: success http', 'digest: POST /: failure http'],
  },
])('Google: each request for $target is a task of the function', async ({ target, posts, tasks }) => {
  const port = await findFreePort();
  const running = stage.launch({
    app: [FRAMEWORK, `--source=${join(fixtures, 'google.cjs')}`, `--target=${target}`, `--port=${port}`],
    env: { FUNCTION_TARGET: target },
    cwd: here,
  });
  await until(() => running.stdout().includes('URL'));
  for (const { path, body } of posts)
    await fetch(`http://127.0.0.1:${port}${path}`, { method: 'POST', headers: EVENT, body });
  const { stdout } = await running.stop();
  expect(stdout).toContain(target);
  expect(readTasks()).toEqual(tasks);
});
