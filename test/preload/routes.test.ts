/** Frameworks that tell nobody their routes are asked for them where they find them; the application sees no difference. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { fixture, NODE_NAMES, Stage } from './preload.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.start();
});
beforeEach(() => stage.clear());
afterAll(() => stage.close());

const COLONS = ['/users/:name', '/api/chat/:room', '/asked-before/:name'];
const BRACES = ['/users/{name}', '/api/chat/{room}', '/asked-before/{name}'];

/** Oldest and newest of each, and what a call in each request is for; a framework that tells no route names parts of the path. */
const FRAMEWORKS = [
  { name: 'hono', routes: COLONS },
  { name: 'hono-4-0', routes: COLONS },
  { name: '@koa/router', routes: COLONS },
  { name: 'koa-router-12', routes: COLONS },
  { name: '@hapi/hapi', routes: BRACES },
  { name: 'hapi-20', routes: BRACES },
  { name: 'polka', routes: COLONS, isTold: false },
] as const;

describe.each(FRAMEWORKS)('$name', ({ name, routes, ...told }) => {
  it.each(['import', 'require'])('by %s', async (format) => {
    const app = [fixture('routed.mjs'), name, format];
    const without = await stage.run({ app, flags: [] });
    expect(without).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await stage.run({ app })).toEqual(without);
    // What takes whatever comes is no route to tell requests apart by.
    const features = [...routes, '/nowhere/carol'];
    const calls = stage.callSpans().map(({ attributes }) => attributes['costspan.feature']);
    expect([...new Set(calls)]).toEqual(features);
    expect(stage.taskSpans().map(({ name: task, attributes }) => [task, attributes['http.route']])).toEqual(
      features.map((route, at) => [
        `task GET ${route}`,
        'isTold' in told || at === routes.length ? undefined : route,
      ]),
    );
  });
});

it.each(NODE_NAMES)('on Node %s', async (node) => {
  await stage.run({ node, app: [fixture('routed.mjs'), '@koa/router', 'import'] });
  expect(stage.taskSpans().map(({ attributes }) => attributes['http.route'])).toEqual([...COLONS, undefined]);
});
