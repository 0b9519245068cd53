import { isCatchAll } from '../route.js';
import type { Router } from './router.js';

interface Route {
  readonly path: string;
  readonly method: string;
}

/** Method of what answers any, middleware above all. */
const ANY = 'ALL';

/**
 * Hono 4, with any of its routers. Its `SmartRouter` asks one of the others. It finds all that matches, middleware
 * first or last, and says of none that it is the one that answers: that is the first one made for this method, else
 * the first one that names a path. `RegExpRouter` has a `match` of each instance's own, known once a route is added.
 */
export const hono: Router = {
  module: {
    package: 'hono',
    files: ['dist/(?:cjs/)?router/(?:linear|pattern|reg-exp|trie)-router/(?:prepared-)?router'],
    exportName: ['LinearRouter', 'PatternRouter', 'PreparedRegExpRouter', 'RegExpRouter', 'TrieRouter'],
  },
  method: ['match', 'add'],
  readRoute({ returned }) {
    const [handlers] = (returned ?? [[]]) as readonly [
      readonly (readonly [readonly [unknown, Route], unknown])[],
    ];
    const routes = handlers.map(([[, route]]) => route).filter(({ path }) => !isCatchAll(path));
    return (routes.find(({ method }) => method !== ANY) ?? routes.find(isExact) ?? routes.at(-1))?.path;
  },
};

const isExact = ({ path }: Route): boolean => !path.endsWith('*');
