import { expect, test } from 'vitest';
import { observeRouter } from '../../src/attribution/routers/observe.ts';
import type { Router } from '../../src/attribution/routers/router.ts';

const router: Router = {
  module: { package: 'any', files: [], functionNames: ['lookup'] },
  readRoute: ({ returned }) => (returned as { path?: unknown }).path,
};

/** As an application's own function of that name, which happens to lie in the same file of a built server. */
function lookup(this: { path?: string } | undefined, path: string): unknown {
  if (new.target === undefined && this === undefined) return { path };
  this!.path = path;
  return undefined;
}
lookup.known = new Map([['a', 1]]);
lookup.prototype.read = function read(this: { path?: string }) {
  return this.path;
};

test('a function that a router’s listener is put before stays what it is', () => {
  const told: unknown[] = [];
  let replaced: unknown;
  const listener = { tell: (route: unknown) => told.push(route), runPart: () => undefined };
  observeRouter(
    {
      loadedClass: lookup,
      replace: (other) => {
        replaced = other;
      },
    },
    router,
    listener,
  );
  const other = replaced as typeof lookup & (new (path: string) => { read(): string });
  expect(other).not.toBe(lookup);
  expect([other.name, other.length, other.known, other.prototype]).toEqual([
    'lookup',
    1,
    lookup.known,
    lookup.prototype,
  ]);
  expect(other.call(undefined, '/users/:name')).toEqual({ path: '/users/:name' });
  expect(told).toEqual(['/users/:name']);
  // What cannot be read costs a line of `diag`.
  const made = new other('/made');
  expect([made instanceof lookup, made.read()]).toEqual([true, '/made']);
});
