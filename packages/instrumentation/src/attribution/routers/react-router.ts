import type { Router } from './router.js';

interface RouteMatch {
  readonly route?: { readonly path?: unknown };
}

/** React Router from 7 on as a framework, and Remix 2 under its own name: a route and all that it lies in. */
const serverRoutes = (name: string, files: readonly string[]): Router => ({
  module: { package: name, files, functionNames: ['matchServerRoutes'] },
  readRoute({ returned }) {
    if (!Array.isArray(returned)) return undefined;
    const paths = (returned as readonly RouteMatch[]).map(({ route }) => route?.path);
    const written = paths.filter((path): path is string => typeof path === 'string' && path !== '');
    return `/${written.join('/')}`.replaceAll(/\/{2,}/g, '/');
  },
});

export const reactRouter = serverRoutes('react-router', [
  'dist/(?:development|production)/(?:index|chunk-\\w+|lib/server-runtime/routeMatching)',
]);
export const remix = serverRoutes('@remix-run/server-runtime', ['dist/(?:esm/)?routeMatching']);
