import { guard } from '../../diagnostics.js';
import { appendRoute, isCatchAll, joinRoute, type Params, readPathOf } from '../route.js';
import { type ExpressApp, findMount } from './express-mounts.js';

/** What Express, Nest, Restify and their kin leave on the request. */
export interface ExpressRequest {
  readonly app?: unknown;
  readonly originalUrl?: unknown;
  readonly baseUrl?: unknown;
  readonly route?: { readonly path?: unknown } | undefined;
  readonly params?: unknown;
}

/** The route of the handler that answers, below what its routers are mounted at. */
export function readExpressRoute(request: ExpressRequest): string | undefined {
  const { route, baseUrl, params } = request;
  const path = readPattern(route?.path);
  if (path === undefined) return undefined;
  const mountPath = typeof baseUrl === 'string' ? baseUrl : '';
  const mount = mountPath === '' ? '' : guard('reading where a route is mounted', () => readMount(request));
  const joined =
    mount === undefined ? joinRoute(mountPath, path, (params ?? {}) as Params) : appendRoute(mount, path);
  return isCatchAll(joined) ? undefined : joined;
}

function readMount({ app, route, originalUrl }: ExpressRequest): string | undefined {
  if (typeof originalUrl !== 'string' || (typeof app !== 'function' && typeof app !== 'object'))
    return undefined;
  return app === null ? undefined : findMount(app as ExpressApp, route, readPathOf(originalUrl));
}

/** What stays of a request that has been answered: nothing that holds its connection. */
export const readLeftByExpress = ({
  app,
  originalUrl,
  baseUrl,
  route,
  params,
}: ExpressRequest): ExpressRequest => ({ app, originalUrl, baseUrl, route, params });

/** A route's path as it was written: a text, a regular expression, or several of them, of which none says that it matched. */
function readPattern(path: unknown): string | undefined {
  if (Array.isArray(path)) return path.map(readPattern).join(',');
  return typeof path === 'string' || path instanceof RegExp ? String(path) : undefined;
}
