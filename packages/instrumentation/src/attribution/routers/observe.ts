import { type Method, type PatchedClass, wrapFunction, wrapOwnMethod } from '../../call/wrap.js';
import { guard } from '../../diagnostics.js';
import type { Router } from './router.js';

/** Told of each route that a router finds. */
export type TellRoute = (route: unknown) => void;

/** Listens to the routers of a class that has been loaded. What they do and return stays as it was. */
export function observeRouter(loadedClass: unknown, router: Router, tell: TellRoute): void {
  wrapOwnMethod(loadedClass as PatchedClass, router.method, (original) => listenTo(original, router, tell));
}

function listenTo(original: Method, router: Router, tell: TellRoute): Method {
  return function method(this: object, ...args: unknown[]): unknown {
    const returned = original.apply(this, args);
    guard('reading a route', () => {
      tell(router.readRoute(returned, this));
      followReplaced(this as Replacing, router, tell);
    });
    return returned;
  };
}

type Replacing = Record<string, Method> & object;

/** A router may put a faster method in its place at its first match. */
function followReplaced(instance: Replacing, router: Router, tell: TellRoute): void {
  const { method } = router;
  if (!Object.hasOwn(instance, method)) return;
  instance[method] = wrapFunction(instance[method]!, (original) => listenTo(original, router, tell));
}
