import type { Router, RouterMatch } from './router.js';

interface Match {
  readonly data?: { readonly route?: unknown };
}
/** Under one name or the other. */
interface App {
  '~findRoute'?(event: object): Match | undefined;
  _findRoute?(event: object): Match | undefined;
}

/**
 * h3 2, also in a server of Nitro 3, which puts a router of its own into its application. An application binds the
 * methods that others know when it is made, before a server that is one file has been read to its end: what they all
 * call is another one.
 */
export const h3: Router = {
  module: {
    package: 'h3',
    files: ['dist/(?:cache|h3(?:-[\\w-]+)?)'],
    exportName: 'H3Core',
    signature: ['event.context.matchedRoute'],
  },
  method: ['~request', '_request'],
  isAskedBefore: true,
  readRoute({ instance, args: [request] }) {
    const app = instance as App;
    const event = { req: request, url: readUrl(request) };
    return (app['~findRoute']?.(event) ?? app._findRoute?.(event))?.data?.route;
  },
  readPath: ({ args: [request] }) => readUrl(request).pathname,
};

const readUrl = (request: unknown): URL => new URL((request as Request).url);

/** The router of h3 1, in a package of its own, also in a server of Nuxt 3 and 4 and Nitro 2. Other data than a route of h3 says nothing. */
export const radix3: Router = {
  module: {
    package: 'radix3',
    files: ['dist/index'],
    // Of several functions of one name a builder renames all but one.
    functionNames: ['lookup', 'lookup$1'],
    signature: ['staticRoutesMap', 'wildcardChildNode'],
  },
  readRoute({ returned }) {
    const { path, handlers } = (returned ?? {}) as { path?: unknown; handlers?: unknown };
    return handlers === undefined ? undefined : path;
  },
  readPath: ({ args }: RouterMatch) => args[1],
};
