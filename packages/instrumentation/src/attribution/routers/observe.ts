import { type Method, type PatchedClass, wrapFunction, wrapOwnMethod } from '../../call/wrap.js';
import { guard } from '../../diagnostics.js';
import type { Found } from '../../load/announce.js';
import type { Router, RouterMatch } from './router.js';

/** Told of what a router finds. */
export interface RouteListener {
  /** A route, and the path that it was found for where the router tells it. */
  tell(route: unknown, path: unknown): void;
  /** Runs what answers a part of a request. */
  runPart(route: unknown, run: () => unknown): unknown;
}

/** Listens to the routers of a class, or to a function, that has been loaded. What they do and return stays as it was. */
export function observeRouter(
  { loadedClass, replace }: { loadedClass: unknown; replace?: Found['replace'] },
  router: Router,
  listener: RouteListener,
): void {
  const listen = (original: Method): Method => listenTo(original, router, listener);
  if (router.method === undefined) replace?.(listenToFunction(loadedClass as Method, listen));
  for (const method of readMethods(router)) wrapOwnMethod(loadedClass as PatchedClass, method, listen);
}

/** In a server that a builder has written, another function may have the name that is looked for: it keeps all that it is. */
function listenToFunction(original: Method, listen: (original: Method) => Method): Method {
  const { arguments: _arguments, caller: _caller, ...own } = Object.getOwnPropertyDescriptors(original);
  return Object.defineProperties(wrapFunction(original, listen), own);
}

const readMethods = ({ method }: Router): readonly string[] => [method ?? []].flat();

function listenTo(original: Method, router: Router, listener: RouteListener): Method {
  const tell = (match: RouterMatch): unknown =>
    guard('reading a route', () => {
      const route = router.readRoute(match);
      listener.tell(route, router.readPath?.(match));
      return route;
    });
  if (router.isAskedBefore === true)
    return function method(this: object, ...args: unknown[]): unknown {
      const route = tell({ args, returned: undefined, instance: this });
      const run = (): unknown => original.apply(this, args);
      return router.isPart === true ? listener.runPart(route, run) : run();
    };
  return function method(this: object, ...args: unknown[]): unknown {
    const returned = original.apply(this, args);
    tell({ args, returned, instance: this });
    guard('listening to a router', () => followReplaced(this as Replacing | undefined, router, listener));
    return returned;
  };
}

type Replacing = Record<string, Method> & object;

/** A router may put a faster method in its place at its first match. */
function followReplaced(instance: Replacing | undefined, router: Router, listener: RouteListener): void {
  if (instance === undefined) return;
  for (const method of readMethods(router)) {
    if (!Object.hasOwn(instance, method)) continue;
    instance[method] = wrapFunction(instance[method]!, (original) => listenTo(original, router, listener));
  }
}
