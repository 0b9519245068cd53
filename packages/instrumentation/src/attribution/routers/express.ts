import { isCatchAll, joinRoute, type Params } from '../route.js';

/** What Express, Nest, Restify and their kin leave on the request. */
export interface ExpressRequest {
  readonly originalUrl?: unknown;
  readonly baseUrl?: unknown;
  readonly route?: { readonly path?: unknown } | undefined;
  readonly params?: unknown;
}

/** The route of the handler that answers, below what its routers are mounted at. */
export function readExpressRoute({ route, baseUrl, params }: ExpressRequest): string | undefined {
  const path = readPattern(route?.path);
  if (path === undefined) return undefined;
  const joined = joinRoute(typeof baseUrl === 'string' ? baseUrl : '', path, (params ?? {}) as Params);
  return isCatchAll(joined) ? undefined : joined;
}

/** A route's path as it was written: a text, a regular expression, or several of them, of which none says that it matched. */
function readPattern(path: unknown): string | undefined {
  if (Array.isArray(path)) return path.map(readPattern).join(',');
  return typeof path === 'string' || path instanceof RegExp ? String(path) : undefined;
}
