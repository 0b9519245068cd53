import { templatePath } from '../route.js';

/** What is used of an application of Express 4 and 5; 4 throws where it is asked for `router`. */
export interface ExpressApp {
  readonly parent?: ExpressApp | undefined;
  readonly _router?: ExpressStack | undefined;
  readonly router?: ExpressStack | undefined;
}

interface ExpressStack {
  readonly stack?: unknown;
}

/** What is mounted or asked in turn: a route, a router, an application, a middleware. */
interface Layer {
  readonly route?: unknown;
  readonly handle?: ExpressStack & { readonly name?: unknown };
  /** Express 4. */
  readonly regexp?: RegExp & { readonly fast_slash?: boolean };
  readonly keys?: readonly { readonly name: string | number }[];
  /** Express 5: one for each path that it is mounted at; none is asked where that is `/`. */
  readonly slash?: boolean;
  readonly matchers?: readonly ((path: string) => Matched | false)[];
}

/** The part of a path that something is mounted at, and what of it are values. */
interface Matched {
  readonly path: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** Routers and applications in each other; deeper ones, and those that hold themselves, are not looked into. */
const MAX_MOUNTS = 16;
/** What Express wraps an application in that is mounted in another one; which one, it does not tell. */
const MOUNTED_APP = 'mounted_app';

/**
 * What a route is mounted at: `/v2/acme` as `/v2/:company`. A router keeps these values from those inside it unless it
 * is made with `mergeParams`, so they are looked for in the way that leads from the outermost application to the route.
 * `undefined` where there is no such way: a router that no application holds.
 */
export function findMount(app: ExpressApp, route: unknown, path: string): string | undefined {
  const apps = [app];
  for (let at = app.parent; at !== undefined && apps.length < MAX_MOUNTS; at = at.parent) apps.unshift(at);
  let mount = '';
  let rest = path;
  for (const one of apps) {
    const isEnd = ({ route: own, handle }: Layer): boolean =>
      one === app ? own === route : own === undefined && handle?.name === MOUNTED_APP;
    const found = descend((one._router ?? one.router)?.stack, rest, { isEnd, depth: 0 });
    if (found === undefined) return undefined;
    mount += found.mount;
    rest = found.rest;
  }
  return mount;
}

interface Search {
  readonly isEnd: (layer: Layer) => boolean;
  readonly depth: number;
}

function descend(
  stack: unknown,
  path: string,
  { isEnd, depth }: Search,
): { readonly mount: string; readonly rest: string } | undefined {
  if (!Array.isArray(stack) || depth === MAX_MOUNTS) return undefined;
  for (const layer of stack as readonly Layer[]) {
    const isThere = isEnd(layer);
    if (isThere && layer.route !== undefined) return { mount: '', rest: path };
    const inner = layer.handle?.stack;
    const matched = isThere || inner !== undefined ? matchLayer(layer, path) : undefined;
    if (matched === undefined) continue;
    const rest = path.slice(matched.path.length);
    const below = isThere ? { mount: '', rest } : descend(inner, rest, { isEnd, depth: depth + 1 });
    if (below !== undefined) return { ...below, mount: readMount(matched) + below.mount };
  }
  return undefined;
}

const readMount = ({ path, params }: Matched): string =>
  path === '' || path === '/' ? '' : templatePath(path, params);

function matchLayer({ regexp, keys = [], slash, matchers = [] }: Layer, path: string): Matched | undefined {
  if (slash === true || regexp?.fast_slash === true) return { path: '', params: {} };
  for (const matcher of matchers) {
    const matched = matcher(path);
    if (matched !== false) return matched;
  }
  const match = regexp?.exec(path);
  if (match === null || match === undefined) return undefined;
  return { path: match[0], params: Object.fromEntries(keys.map(({ name }, at) => [name, match[at + 1]])) };
}
