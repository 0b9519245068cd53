import { describe, expect, test } from 'vitest';
import {
  isCatchAll,
  joinRoute,
  RequestRoutes,
  readMountPath,
  templatePath,
} from '../../src/attribution/route.ts';

describe('a path becomes a route of low cardinality', () => {
  test.each([
    ['/', '/'],
    ['', '/'],
    ['/chat', '/chat'],
    ['/chat/', '/chat'],
    ['/v1/chat/completions?stream=true#x', '/v1/chat/completions'],
    ['/chat/42/messages/7', '/chat/:id/messages/:id'],
    ['/orders/order-12345', '/orders/:id'],
    ['/reports/2026-10-31', '/reports/:id'],
    ['/users/550e8400-e29b-41d4-a716-446655440000', '/users/:id'],
    ['/users/deadbeef01', '/users/:id'],
    ['/feedback', '/feedback'],
    ['/files/V1StGXR8_Z5jdHi6B-myT', '/files/:id'],
    ['/users/ann@example.com', '/users/:id'],
    ['/search/caf%C3%A9', '/search/:id'],
    [`/token/${'a'.repeat(40)}`, '/token/:id'],
    ['/a/b/c/d/e/f/g/h/i/j', '/a/b/c/d/e/f/g/h/*'],
    ['http://example.com:8080/chat/42?x', '/chat/:id'],
    ['*', '*'],
  ])('%s → %s', (target, route) => expect(templatePath(target)).toBe(route));

  test.each([
    ['/users/alice', { name: 'alice' }, '/users/:name'],
    ['/users/42', { user: '42' }, '/users/:user'],
    // A word of the route that is a value as well.
    ['/user/user', { name: 'user' }, '/user/:name'],
    ['/a/x/x', { first: 'x', second: 'x' }, '/a/:first/:second'],
    ['/files/readme', { 0: 'readme', '*': 'readme' }, '/files/readme'],
    ['/users/alice', { name: ['alice'], other: undefined }, '/users/alice'],
    // What only looks like a name.
    ['/users/:4711-secret', { name: 'alice' }, '/users/:id'],
  ])('%s with %o → %s', (target, params, route) => expect(templatePath(target, params)).toBe(route));

  test('a path of a megabyte costs no more than its first kilobyte', () => {
    expect(templatePath(`/${'a/'.repeat(500_000)}`)).toBe('/a/a/a/a/a/a/a/a/*');
  });

  test('only so many routes there are, made from paths or told; known ones stay', () => {
    const paths = new RequestRoutes();
    const word = (n: number): string =>
      `/${[...String(n)].map((digit) => 'abcdefghij'[Number(digit)]).join('')}`;
    const routes = new Set(Array.from({ length: 2000 }, (_, n) => paths.readPath(word(n))));
    expect(routes.size).toBe(501);
    expect(routes.has('other')).toBe(true);
    expect(paths.readPath(word(1))).toBe('/b');
    // Those that are told have room of their own.
    const told = new Set(Array.from({ length: 5000 }, (_, n) => paths.readTold(`${word(n)}/:id`)));
    expect(told.size).toBe(2001);
    expect(paths.readTold('/b/:id')).toBe('/b/:id');
  });
});

describe('a route under the path its router is mounted at', () => {
  test.each<[mount: string, path: string, route: string, params?: Record<string, string>]>([
    ['', '/chat/:id', '/chat/:id'],
    ['/api', '/', '/api'],
    ['/api', '/chat', '/api/chat'],
    ['/tenants/4711', '/chat', '/tenants/:id/chat'],
    ['/', '/chat', '/chat'],
    ['', '', '/'],
    ['/tenants/acme', '/chat', '/tenants/:tenant/chat', { tenant: 'acme' }],
    ['/tenants/7', '/users/:user', '/tenants/:tenant/users/:user', { tenant: '7', user: '7' }],
  ])('%s + %s → %s', (mount, path, route, params) => expect(joinRoute(mount, path, params)).toBe(route));
});

test.each([
  ['/chat/blue', '/chat/blue', ''],
  ['/api/chat/blue?x=1', '/chat/blue', '/api'],
  ['http://example.com/api/chat/blue/', '/chat/blue', '/api'],
  ['/trpc/chat.ask', 'chat.ask', '/trpc'],
  ['/api', '/', '/api'],
  // What the application asks of itself.
  ['/pages/42', '/chat/blue', undefined],
  ['/trpc/chat.ask', 'ask', undefined],
  ['/trpc/chat.ask,chat.find', 'chat.find', undefined],
])('a router asked for the end of %s, %s, is mounted at %s', (target, path, mountPath) =>
  expect(readMountPath(target, path)).toBe(mountPath),
);

describe('a route that takes whatever comes', () => {
  test.each([
    '*',
    '/*',
    '/*splat',
    '/{*splat}',
    '{/*splat}',
    '/{rest*}',
    '(.*)',
    '/(.*)',
    '/:rest*',
    '/:rest(.*)',
    '/**',
    '/**:rest',
    '/[...rest]',
    '/[[...rest]]',
  ])('%s', (route) => expect(isCatchAll(route)).toBe(true));

  test.each(['/', '/:id', '/api/*', '/api/**', '/{id}', '/a', '/*/b', '/:a/:b*', '/[id]', '/docs/[...rest]'])(
    '%s is none',
    (route) => expect(isCatchAll(route)).toBe(false),
  );
});
