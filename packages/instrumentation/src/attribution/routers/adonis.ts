import type { Router } from './router.js';

/** AdonisJS 6 and 7. */
export const adonis: Router = {
  module: {
    package: '@adonisjs/http-server',
    files: ['build/(?:chunk|define_config)-[\\w-]+'],
    exportName: 'Router',
  },
  method: 'match',
  readRoute: ({ returned }) => (returned as { route?: { pattern?: unknown } } | null)?.route?.pattern,
};
