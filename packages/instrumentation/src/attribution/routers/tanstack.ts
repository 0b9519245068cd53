import type { Router } from './router.js';

interface Match {
  readonly route?: { readonly fullPath?: unknown };
  readonly rawParams?: Readonly<Record<string, unknown>>;
}

/** What of the path is no part of a route that is only its beginning. */
const REST = '**';
/** Takes whatever comes. */
const SPLAT = '/$';

/**
 * TanStack Router 1 on a server, which TanStack Start is built on: `/users/$name`. It is asked where links lead as well;
 * the one to `/` has no path to tell it from the request's by.
 */
export const tanstack: Router = {
  module: {
    package: '@tanstack/router-core',
    files: ['dist/(?:esm|cjs)/new-process-route-tree'],
    functionNames: ['findRouteMatch'],
    signature: ['function findRouteMatch(path, processedTree, fuzzy = false)'],
  },
  readRoute({ args: [path], returned }) {
    const { route, rawParams } = (returned ?? {}) as Match;
    const isWhole = path !== '/' && rawParams?.[REST] === undefined;
    return isWhole && route?.fullPath !== SPLAT ? route?.fullPath : undefined;
  },
  readPath: ({ args: [path] }) => path,
};
