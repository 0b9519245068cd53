import http from 'node:http';
import { createRequire } from 'node:module';
import express5, { type Express, type NextFunction, type Request, type Response } from 'express';
import Fastify from 'fastify';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { type Answer, ask, serve, until } from './served.ts';
import { resolve, startInMemory } from './started.ts';

// Under an alias they have no types of their own.
const require = createRequire(import.meta.url);
const express4 = require('express-4') as typeof express5;
const fastify4 = require('fastify-4') as typeof Fastify;
const started = startInMemory();
const { attributor, spans, takeSpans } = started;
afterEach(() => {
  expect(started.errors.splice(0)).toEqual([]);
  expect(spans.splice(0)).toEqual([]);
});
afterAll(() => attributor.stop());

interface Told {
  /** `undefined` where nobody has told the route and the path stands for it. */
  readonly route?: string | undefined;
}
const request = (
  method: string,
  route: string,
  status: number,
  outcome: string,
  told: Told = {},
): object => ({
  name: `task ${method} ${route}`,
  'costspan.feature': route,
  'costspan.task.name': `${method} ${route}`,
  'http.request.method': method,
  'http.route': 'route' in told ? told.route : route,
  'http.response.status_code': status,
  'costspan.task.outcome': outcome,
  'costspan.task.outcome.source': 'http',
  isEnded: true,
});

/** Asks for all of these at once over few kept connections, and waits until their tasks have ended. */
async function askAll(
  port: number,
  asked: readonly (readonly [path: string, body?: string])[],
): Promise<Answer[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
  const answers = await Promise.all(
    asked.map(([path, body]) => ask(port, path, { agent, ...(body !== undefined && { body }) })),
  );
  await until(() => spans.length === asked.length && spans.every((span) => span.isEnded));
  agent.destroy();
  return answers;
}
const byName = (all: object[]): object[] =>
  all.sort((a, b) => JSON.stringify(a).localeCompare(JSON.stringify(b)));

/** The same application on either major; its types are those of 5. */
function createExpress(create: typeof express5): Express {
  const app = create();
  app.use(create.text({ type: () => true }));
  const answer = async (_request: Request, response: Response): Promise<void> => {
    await new Promise((done) => setTimeout(done, Math.random() * 10));
    response.json(resolve(started));
  };
  app.get('/chat/:id', answer);
  app.post('/chat', answer);
  const tenants = create.Router({ mergeParams: true });
  tenants.get('/', answer);
  tenants.get('/search/:query', answer);
  app.use('/tenants/:tenant', tenants);
  // A router that keeps the values of its mount path to itself, in a sub-application that is mounted twice.
  const rooms = create.Router().get('/rooms/:id', answer);
  const sub = create();
  sub.use('/users/:id', rooms);
  app.use('/v1', sub);
  app.use('/v2/:company', sub);
  app.use('/mounted', answer);
  app.get(['/cats/:name', '/dogs/:name'], answer);
  app.get(/^\/birds\/(\w+)$/, answer);
  app.get('/fails', (_request, _response, next) => {
    attributor.resolve();
    next(new RangeError('application'));
  });
  // As those have it who put another router behind it.
  app.all(create === express5 ? '/{*rest}' : '*', answer);
  app.use((_error: unknown, _request: Request, response: Response, _next: NextFunction) => {
    response.status(500).end();
  });
  return app;
}

describe.each([
  ['express 5', express5],
  ['express 4', express4],
])('%s', (_name, create) => {
  test('routes are features, mount paths without their values', async () => {
    const answers = await serve(http.createServer(createExpress(create)), (port) =>
      askAll(port, [
        ['/chat/hello?x=1'],
        ['/chat', 'a'.repeat(50_000)],
        ['/tenants/4711'],
        ['/tenants/acme/search/shoes'],
        ['/v1/users/alice/rooms/blue'],
        ['/v2/acme/users/bob/rooms/users'],
        ['/mounted/42'],
        ['/dogs/rex'],
        ['/birds/polly'],
        ['/pages/anything'],
        ['/fails'],
      ]),
    );
    const attribution = (method: string, route: string): object => ({
      feature: route,
      taskName: `${method} ${route}`,
    });
    expect(answers.slice(0, 10).map(({ body }) => JSON.parse(body))).toEqual([
      attribution('GET', '/chat/:id'),
      attribution('POST', '/chat'),
      attribution('GET', '/tenants/:tenant'),
      attribution('GET', '/tenants/:tenant/search/:query'),
      attribution('GET', '/v1/users/:id/rooms/:id'),
      attribution('GET', '/v2/:company/users/:id/rooms/:id'),
      attribution('GET', '/mounted/:id'),
      attribution('GET', '/cats/:name,/dogs/:name'),
      attribution('GET', '/^\\/birds\\/(\\w+)$/'),
      attribution('GET', '/pages/anything'),
    ]);
    expect(byName(takeSpans())).toEqual(
      byName([
        request('GET', '/chat/:id', 200, 'success'),
        request('POST', '/chat', 200, 'success'),
        request('GET', '/tenants/:tenant', 200, 'success'),
        request('GET', '/tenants/:tenant/search/:query', 200, 'success'),
        request('GET', '/v1/users/:id/rooms/:id', 200, 'success'),
        request('GET', '/v2/:company/users/:id/rooms/:id', 200, 'success'),
        request('GET', '/mounted/:id', 200, 'success', { route: undefined }),
        request('GET', '/cats/:name,/dogs/:name', 200, 'success'),
        request('GET', '/^\\/birds\\/(\\w+)$/', 200, 'success'),
        request('GET', '/pages/anything', 200, 'success', { route: undefined }),
        request('GET', '/fails', 500, 'failure'),
      ]),
    );
  });
});

describe.each([
  ['fastify 5', Fastify],
  ['fastify 4', fastify4],
])('%s', (_name, create) => {
  test('routes are features, prefixes included, after body parsing and hooks', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    const app = create();
    const answer = async (): Promise<object> => {
      await new Promise((done) => setTimeout(done, Math.random() * 10));
      return resolve(started);
    };
    app.addHook('preHandler', async () => {
      await new Promise((done) => setTimeout(done, 1));
    });
    app.get('/chat/:conversation', answer);
    app.register(
      async (scope) => {
        scope.post('/orders/:order/refund', answer);
      },
      { prefix: '/shop' },
    );
    app.get('/fails', () => {
      attributor.resolve();
      throw new RangeError('application');
    });
    app.get('/refuses', async () => {
      attributor.resolve();
      throw Object.assign(new Error('not you'), { statusCode: 403 });
    });
    app.get(
      '/guarded/:name',
      {
        preHandler: async () => {
          attributor.resolve();
        },
      },
      async () => ({}),
    );
    app.setNotFoundHandler(async (_request, reply) => {
      attributor.resolve();
      reply.code(404);
      return {};
    });
    await app.ready();
    const answers = await serve(app.server, (port) =>
      askAll(port, [
        ['/chat/hello?x=1'],
        ['/shop/orders/nine/refund', JSON.stringify({ why: 'w'.repeat(50_000) })],
        ['/fails'],
        ['/refuses'],
        ['/nowhere/4711'],
        ['/guarded/alice'],
      ]),
    );
    await app.close();
    process.off('warning', note);
    expect(warnings).toEqual([]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 500, 403, 404, 200]);
    expect(byName(takeSpans())).toEqual(
      byName([
        request('GET', '/chat/:conversation', 200, 'success'),
        request('POST', '/shop/orders/:order/refund', 200, 'success'),
        { ...request('GET', '/fails', 500, 'failure'), 'error.type': 'RangeError' },
        request('GET', '/refuses', 403, 'failure'),
        request('GET', '/nowhere/:id', 404, 'failure', { route: undefined }),
        request('GET', '/guarded/:name', 200, 'success'),
      ]),
    );
  });
});
