import type { Router, RouterMatch } from './router.js';

/** The last argument of either function. */
const readPath = ({ args }: RouterMatch): unknown => (args.at(-1) as { path?: unknown }).path;

/** tRPC 10 and 11, where a request may ask for several procedures: what runs one of them, and its middleware. */
export const trpc: Router = {
  module: {
    package: '@trpc/server',
    files: ['dist/(?:config|initTRPC)-[\\w-]+', 'dist/unstable-core-do-not-import/procedureBuilder'],
    functionNames: ['callProcedure', 'callRecursive'],
  },
  isAskedBefore: true,
  isPart: true,
  readRoute: readPath,
  readPath,
};
