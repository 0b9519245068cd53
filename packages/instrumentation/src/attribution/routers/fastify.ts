/** What is used of an application of Fastify 4 and 5. */
export interface FastifyApp {
  readonly version?: string;
  printRoutes(options?: object): string;
}

/** Where an application keeps its hooks, under a symbol of Fastify's own. */
interface FastifyHooks {
  add(name: 'onRequest', hook: (request: FastifyRequest, reply: unknown, done: () => void) => void): void;
  add(
    name: 'onError',
    hook: (request: FastifyRequest, reply: unknown, error: unknown, done: () => void) => void,
  ): void;
}

/** `routerPath` is what versions before 4.10 had. */
interface FastifyRequest {
  readonly routeOptions?: { readonly url?: unknown };
  readonly routerPath?: unknown;
}

/** Told of each request of an application, before any hook of its own runs, and of what its code has thrown. */
export interface FastifyReader {
  readRoute(url: unknown): void;
  readError(error: unknown): void;
}

/**
 * Adds two hooks to an application that has just been made: Fastify publishes it for those who observe. Its own
 * channels tell of a route only when the handler begins, after the hooks that may call a model as well.
 */
export function observeFastify(app: FastifyApp, reader: FastifyReader): void {
  const hooks = readHooks(app);
  if (hooks === undefined) return;
  hooks.add('onRequest', function costspanRoute(request, _reply, done) {
    // Reading what is deprecated makes Fastify warn.
    const { routeOptions } = request;
    reader.readRoute(routeOptions === undefined ? request.routerPath : routeOptions.url);
    done();
  });
  hooks.add('onError', function costspanError(_request, _reply, error, done) {
    reader.readError(error);
    done();
  });
  hideHooks(app);
}

/** Not by `addHook`: that is a step of the application's start, which `printPlugins()` shows. */
function readHooks(app: FastifyApp): FastifyHooks | undefined {
  if (!/^[45]\./.test(app.version ?? '')) return undefined;
  const symbol = Object.getOwnPropertySymbols(app).find(({ description }) => description === 'fastify.hooks');
  return symbol && (app as unknown as Record<symbol, FastifyHooks>)[symbol];
}

const OUR_LINE = /^.*\["(?:costspanRoute|costspanError)\(\)"\]\n/gm;
const OUR_NAME = /"(?:costspanRoute|costspanError)\(\)",/g;

/** The application prints its routes with the hooks that it has added, and no others. */
function hideHooks(app: FastifyApp): void {
  const { printRoutes } = app;
  app.printRoutes = (...options) =>
    printRoutes(...options)
      .replace(OUR_LINE, '')
      .replace(OUR_NAME, '');
  Object.defineProperty(app.printRoutes, 'name', { value: printRoutes.name });
  Object.defineProperty(app.printRoutes, 'length', { value: printRoutes.length });
}
