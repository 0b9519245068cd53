import { templatePath } from '../route.js';
import type { Router } from './router.js';

/** Feathers 5, whatever serves it: it looks a service up, its own name for the last value being `__id`. */
export const feathers: Router = {
  module: { package: '@feathersjs/transport-commons', files: ['lib/routing/router'], exportName: 'Router' },
  method: 'lookup',
  readRoute({ returned, args: [path] }) {
    const { params } = (returned ?? {}) as { params?: Readonly<Record<string, unknown>> };
    if (params === undefined) return undefined;
    // The last value of the path is the first one that it finds.
    const inOrder = Object.fromEntries(Object.entries(params).reverse());
    return templatePath(absolute(path), inOrder);
  },
  readPath: ({ args: [path] }) => absolute(path),
};

const absolute = (path: unknown): string => `/${String(path).replace(/^\/+/, '')}`;
