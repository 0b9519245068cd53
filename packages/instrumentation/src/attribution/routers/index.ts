import { adonis } from './adonis.js';
import { astro } from './astro.js';
import { elysia } from './elysia.js';
import { feathers } from './feathers.js';
import { h3, radix3 } from './h3.js';
import { hapi } from './hapi.js';
import { hono } from './hono.js';
import { koa, koaOlder } from './koa.js';
import { loopback } from './loopback.js';
import { moleculer } from './moleculer.js';
import { polka } from './polka.js';
import { reactRouter, remix } from './react-router.js';
import type { Router } from './router.js';
import { svelteKit } from './svelte-kit.js';
import { tanstack } from './tanstack.js';
import { trpc } from './trpc.js';

export type { Router } from './router.js';

/** Every web framework that is asked for its routes where it finds them: a new one is one entry here. */
export const ROUTERS: readonly Router[] = [
  adonis,
  astro,
  elysia,
  feathers,
  h3,
  hapi,
  hono,
  koa,
  koaOlder,
  loopback,
  moleculer,
  polka,
  radix3,
  reactRouter,
  remix,
  svelteKit,
  tanstack,
  trpc,
];

/** Whether what the loader knows is a router: it says what calls are for, and makes none. */
export const isRouter = (entry: object): entry is Router => 'readRoute' in entry;
