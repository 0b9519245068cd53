import { hapi } from './hapi.js';
import { hono } from './hono.js';
import { koa, koaOlder } from './koa.js';
import type { Router } from './router.js';

export type { Router } from './router.js';

/** Every web framework that is asked for its routes where it finds them: a new one is one entry here. */
export const ROUTERS: readonly Router[] = [hapi, hono, koa, koaOlder];

/** Whether what the loader knows is a router: it says what calls are for, and makes none. */
export const isRouter = (entry: object): entry is Router => 'readRoute' in entry;
