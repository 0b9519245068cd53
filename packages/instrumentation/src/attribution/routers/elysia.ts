import { templatePath } from '../route.js';
import type { Router } from './router.js';

/** Name of what `*` stands for. */
const REST = '*';

/**
 * The router of Elysia, in a package of its own. It keeps no route as it was written, so the path has the names of its
 * values. `find` is made anew when the router is built.
 */
export const elysia: Router = {
  module: { package: 'memoirist', files: ['dist/(?:cjs/)?index'], exportName: 'Memoirist' },
  method: ['find', 'build'],
  readRoute({ returned, args: [, path] }) {
    const { params } = (returned ?? {}) as { params?: Readonly<Record<string, unknown>> };
    if (params === undefined || typeof path !== 'string') return undefined;
    const rest = params[REST];
    const isOpen = typeof rest === 'string' && path.endsWith(rest);
    return isOpen
      ? `${templatePath(path.slice(0, path.length - rest.length), params)}/${REST}`.replace('//', '/')
      : templatePath(path, params);
  },
  readPath: ({ args: [, path] }) => path,
};
