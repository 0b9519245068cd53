import type { Router, RouterMatch } from './router.js';

interface Match {
  readonly data?: { readonly route?: unknown };
}
interface Event {
  readonly url?: { readonly pathname?: unknown };
}
/** Under one name or the other. */
interface App {
  '~findRoute'?(event: unknown): Match | undefined;
  _findRoute?(event: unknown): Match | undefined;
}

/** h3 2. An application that is built on it may put a router of its own into each instance. */
export const h3: Router = {
  module: { package: 'h3', files: ['dist/(?:cache|h3(?:-[\\w-]+)?)'], exportName: 'H3Core' },
  method: 'handler',
  isAskedBefore: true,
  readRoute({ instance, args: [event] }) {
    const app = instance as App;
    return (app['~findRoute']?.(event) ?? app._findRoute?.(event))?.data?.route;
  },
  readPath: ({ args: [event] }) => (event as Event).url?.pathname,
};

/** The router of h3 1, in a package of its own. Other data than a route of h3 says nothing. */
export const radix3: Router = {
  module: { package: 'radix3', files: ['dist/index'], functionNames: ['lookup'] },
  readRoute({ returned }) {
    const { path, handlers } = (returned ?? {}) as { path?: unknown; handlers?: unknown };
    return handlers === undefined ? undefined : path;
  },
  readPath: ({ args }: RouterMatch) => args[1],
};
