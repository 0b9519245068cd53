import type { Router } from './router.js';

/** LoopBack 4, alone or mounted in an application of Express. What it does not find it throws. */
export const loopback: Router = {
  module: { package: '@loopback/rest', files: ['dist/router/routing-table'], exportName: 'RoutingTable' },
  method: 'find',
  readRoute: ({ returned }) => (returned as { path?: unknown }).path,
  readPath: ({ args: [request] }) => (request as { path?: unknown }).path,
};
