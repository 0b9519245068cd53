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

const FORMATS = ['import', 'require'];

interface Framework {
  readonly name: string;
  readonly routes: readonly string[];
  readonly formats?: readonly string[];
}

/** Oldest and newest of each, and what a call in each request is for. */
const FRAMEWORKS: readonly Framework[] = [
  { name: 'hono', routes: COLONS },
  { name: 'hono-4-0', routes: COLONS },
  { name: 'hono/tiny', routes: COLONS },
  { name: 'hono/router/reg-exp-router', routes: COLONS },
  { name: 'hono/router/trie-router', routes: COLONS },
  { name: '@koa/router', routes: COLONS },
  { name: 'koa-router-12', routes: COLONS },
  { name: '@hapi/hapi', routes: BRACES },
  { name: 'hapi-20', routes: BRACES },
  { name: 'polka', routes: COLONS },
  { name: '@nestjs/platform-express', routes: COLONS },
  { name: '@nestjs/platform-fastify', routes: COLONS },
  { name: 'h3', routes: COLONS },
  { name: 'h3-1', routes: COLONS },
  { name: 'react-router', routes: COLONS },
  { name: 'react-router-7', routes: COLONS },
  { name: 'remix-2', routes: COLONS },
  {
    name: '@tanstack/react-router',
    routes: ['/users/$name', '/api/chat/$room', '/asked-before/$name'],
    // Node warns of its circles by `require`.
    formats: ['import'],
  },
  { name: '@adonisjs/http-server', routes: COLONS },
  { name: 'adonis-http-server-7', routes: COLONS },
  { name: 'elysia', routes: COLONS },
  { name: '@feathersjs/express', routes: ['/users/:__id', '/api/chat/:room', '/asked-before/:__id'] },
  { name: '@loopback/rest', routes: BRACES },
  { name: 'moleculer-web', routes: COLONS },
];

describe.each(FRAMEWORKS)('$name', ({ name, routes, formats = FORMATS }) => {
  it.each(formats)('by %s', async (format) => {
    const app = [fixture('routed.mjs'), name, format];
    const without = await stage.run({ app, flags: [] });
    expect(without).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await stage.run({ app })).toEqual(without);
    // What takes whatever comes is no route to tell requests apart by.
    const features = [...routes, '/nowhere/carol'];
    const calls = stage.callSpans().map(({ attributes }) => attributes['costspan.feature']);
    expect([...new Set(calls)]).toEqual(features);
    expect(stage.taskSpans().map(({ name: task, attributes }) => [task, attributes['http.route']])).toEqual(
      features.map((route, at) => [`task GET ${route}`, at === routes.length ? undefined : route]),
    );
  });
});

describe.each(['trpc-10', '@trpc/server'])('%s', (name) => {
  it.each(FORMATS)('by %s: a batch is for each of its procedures', async (format) => {
    const asked = [
      '/api/trpc/answer-1000-questions',
      '/api/trpc/support.chat,support.search?batch=1&input={}',
      '/api/trpc/inner',
    ];
    const app = [fixture('routed.mjs'), name, format, ...asked];
    const without = await stage.run({ app, flags: [] });
    expect(without).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await stage.run({ app })).toEqual(without);
    const features = stage.callSpans().map(({ attributes }) => attributes['costspan.feature']);
    // Those of a batch run at once.
    expect(features.sort()).toEqual([
      '/api/trpc/answer-1000-questions',
      '/api/trpc/inner',
      '/api/trpc/support.chat',
      '/api/trpc/support.search',
    ]);
  });
});

it.each(NODE_NAMES)('on Node %s', async (node) => {
  await stage.run({ node, app: [fixture('routed.mjs'), '@koa/router', 'import'] });
  expect(stage.taskSpans().map(({ attributes }) => attributes['http.route'])).toEqual([...COLONS, undefined]);
});
