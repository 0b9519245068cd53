import { createRequire } from 'node:module';
import Fastify, { type FastifyInstance } from 'fastify';
import { expect, test } from 'vitest';
import { followRequests } from '../../src/attribution/http-server.ts';

// Under an alias it has no types of its own.
const fastify4 = createRequire(import.meta.url)('fastify-4') as typeof Fastify;

async function print(create: () => FastifyInstance, options?: object): Promise<string> {
  const app = create();
  app.addHook('onRequest', async function own() {});
  app.get('/chat/:id', { onError: async function ownError() {} }, async () => ({}));
  app.register(async (scope) => void scope.get('/inner', async () => ({})), { prefix: '/shop' });
  await app.ready();
  const text = app.printRoutes(options);
  await app.close();
  return text;
}

test.each([
  ['fastify 5', Fastify, { includeHooks: true }],
  ['fastify 4', fastify4, { includeHooks: true }],
  ['fastify 4', fastify4, { commonPrefix: false, includeMeta: ['onError', 'logLevel'] }],
  ['fastify 4', fastify4, undefined],
])('%s prints its routes with the hooks of the application alone: %o', async (_name, create, options) => {
  const bare = await print(() => create(), options);
  const errors: unknown[] = [];
  const stop = followRequests((error) => errors.push(error));
  expect(await print(() => create(), options)).toBe(bare);
  const { printRoutes } = create();
  expect([printRoutes.name, printRoutes.length]).toEqual(['printRoutes', 0]);
  stop();
  expect(errors).toEqual([]);
});

async function printPlugins(create: () => FastifyInstance): Promise<string> {
  const app = create();
  app.register(async function own(scope) {
    scope.addHook('onRequest', async () => {});
  });
  await app.ready();
  const text = app.printPlugins();
  await app.close();
  return text.replace(/\d+ ms/g, 'N ms');
}

test.each([
  ['fastify 5', Fastify],
  ['fastify 4', fastify4],
])('%s prints the plugins of the application alone', async (_name, create) => {
  const bare = await printPlugins(() => create());
  const errors: unknown[] = [];
  const stop = followRequests((error) => errors.push(error));
  expect(await printPlugins(() => create())).toBe(bare);
  stop();
  expect(errors).toEqual([]);
});
