import type { Router } from './router.js';

/** Astro 5 to 7, in the server that its adapter for Node writes. Of two functions of one name the builder renames one. */
export const astro: Router = {
  module: {
    package: 'astro',
    files: [],
    functionNames: ['matchRoute', 'matchRoute$1'],
    signature: ['fallbackRoutes', 'routeData'],
  },
  readRoute: ({ returned }) => (returned as { route?: unknown } | undefined)?.route,
};
