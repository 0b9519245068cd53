import type { Router } from './router.js';

/** SvelteKit 2 and 3, in the server that `adapter-node` writes: the route as its folders spell it. */
export const svelteKit: Router = {
  module: {
    package: '@sveltejs/kit',
    files: [],
    functionNames: ['find_route'],
    signature: ['function find_route(path, routes, matchers)'],
  },
  readRoute: ({ returned }) => (returned as { route?: { id?: unknown } } | null)?.route?.id,
};
