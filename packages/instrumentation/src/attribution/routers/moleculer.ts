import type { Router } from './router.js';

/** The gateway of Moleculer: each alias says whether it is the one that is asked for. */
export const moleculer: Router = {
  module: { package: 'moleculer-web', files: ['src/alias'], exportName: 'Alias' },
  method: 'match',
  readRoute: ({ returned, instance }) =>
    returned === false ? undefined : (instance as { fullPath?: unknown }).fullPath,
};
