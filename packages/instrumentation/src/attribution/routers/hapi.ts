import type { Router } from './router.js';

/** hapi 18 to 21: a request looks its route up once, after the extensions of `onRequest`. */
export const hapi: Router = {
  module: { package: '@hapi/hapi', files: ['lib/request'], exportName: 'internals.Request' },
  method: '_lookup',
  readRoute: ({ instance }) => (instance as { route?: { path?: unknown } }).route?.path,
};
