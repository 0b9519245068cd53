import type { Router } from './router.js';

interface Layer {
  readonly path: unknown;
  readonly methods: readonly unknown[];
}

/**
 * The router of Koa, under both of its names, in version 8 to 15. Of the layers that match, those of middleware have no
 * method; the last one that has is the route, as the router itself says in `ctx._matchedRoute`.
 */
const koaRouter = (name: string): Router => ({
  module: {
    package: name,
    files: ['lib/router', 'dist/index'],
    // A class, a class of another name, or a function of old.
    exportName: ['Router', 'RouterImplementation'],
    functionNames: ['Router'],
  },
  method: 'match',
  readRoute({ returned }) {
    const { route, pathAndMethod } = returned as { route?: unknown; pathAndMethod?: readonly Layer[] };
    return route === true ? pathAndMethod?.findLast(({ methods }) => methods.length > 0)?.path : undefined;
  },
});

export const koa = koaRouter('@koa/router');
export const koaOlder = koaRouter('koa-router');
