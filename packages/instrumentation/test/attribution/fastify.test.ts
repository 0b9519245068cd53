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
