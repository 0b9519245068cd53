import type { Router } from './router.js';

interface Trouter {
  /** By method and pattern. */
  readonly handlers?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

/** The router of Polka 0.5, in a package of its own: it returns what is to run, and keeps that under the pattern. */
export const polka: Router = {
  module: { package: 'trouter', files: ['index'], exportName: 'Trouter' },
  method: 'find',
  readRoute({ returned, instance, args: [method] }) {
    const { handlers } = (returned || {}) as { handlers?: unknown };
    const { handlers: known = {} } = instance as Trouter;
    if (handlers === undefined) return undefined;
    const routes = [known[String(method)], known['*']].flatMap((byPattern) =>
      Object.entries(byPattern ?? {}),
    );
    const pattern = routes.find(([, run]) => run === handlers)?.[0];
    return pattern === undefined || pattern.startsWith('/') ? pattern : `/${pattern}`;
  },
  readPath: ({ args }) => args[1],
};
